// Parses diagrams with mermaid and prints the tasks of each, one JSON array a line.
// usage: node mermaid.mjs FILE ...; WEFT_NPM names the folder with mermaid and jsdom.
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const from = (...part) => import(pathToFileURL(path.join(process.env.WEFT_NPM, 'node_modules', ...part)))
const { JSDOM } = await from('jsdom', 'lib', 'api.js')
const dom = new JSDOM('')
globalThis.window = dom.window
globalThis.document = dom.window.document
const { default: mermaid } = await from('mermaid', 'dist', 'mermaid.core.mjs')
for (const file of process.argv.slice(2)) {
  const text = fs.readFileSync(file, 'utf8')
  await mermaid.parse(text) // throws for what is not a diagram
  const diagram = await mermaid.mermaidAPI.getDiagramFromText(text)
  console.log(JSON.stringify(diagram.db.getTasks().map((t) =>
    ({ type: diagram.type, section: t.section, name: t.task.trim(), start: t.startTime.getTime(), end: t.endTime.getTime() }))))
}
