// Package markdown turns a Markdown text that is still growing into lines of cells.
//
// Rendering Markdown is slow (tens of milliseconds for a page), an answer grows by a few bytes at a time, and a frame has a
// few milliseconds. So the text is cut where no later byte can change what came before (see Cuts), finished blocks are rendered
// once and kept, and only the last, open block is rendered again. A Stream holds one growing text and decides when that is worth
// doing; the work itself is done by a Renderer outside of the program's loop.
package markdown
