// Package markdown turns a growing Markdown text into lines of cells.
//
// Rendering Markdown takes tens of milliseconds for a page, an answer grows by a few bytes at a
// time, and a frame has a few milliseconds. Therefore the text is cut where no later byte can
// change what came before (see Cuts); finished blocks are rendered once and cached, and only the
// last, open block is rendered again. A Stream holds one growing text and decides when to render. A
// Renderer does the work, outside of the program's event loop.
package markdown
