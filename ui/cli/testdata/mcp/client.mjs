// A program that uses weft mcp by one of the official clients from npm, as an agent's program would.
//
//   node client.mjs CHECK CLIENT ADDRESS...
//
// CHECK is a function of the table at the end. CLIENT is "sdk", @modelcontextprotocol/sdk with its
// sessions, or "client", @modelcontextprotocol/client pinned to revision 2026-07-28. ADDRESS is a URL,
// with the token in $WEFT_TOKEN, or a command that is started and spoken to over its standard input
// and output. $WEFT_NPM is the folder in which npm has installed the clients. The program prints
// nothing and exits with 0 if everything holds.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const [check, generation, ...address] = process.argv.slice(2)
const require = createRequire(process.env.WEFT_NPM + '/')
const library = {
  sdk: () => ({
    ...require('@modelcontextprotocol/sdk/client/index.js'),
    ...require('@modelcontextprotocol/sdk/client/stdio.js'),
    ...require('@modelcontextprotocol/sdk/client/streamableHttp.js'),
    elicit: require('@modelcontextprotocol/sdk/types.js').ElicitRequestSchema,
    call: (client, params, options) => client.callTool(params, undefined, options),
    options: {},
  }),
  client: () => ({
    ...require('@modelcontextprotocol/client'),
    ...require('@modelcontextprotocol/client/stdio'),
    elicit: 'elicitation/create',
    call: (client, params, options) => client.callTool(params, options),
    options: { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  }),
}[generation]()
const Ajv = require('ajv/dist/2020').default
const question = 'What does a berth cost?'

// connect returns a client. fill answers requests for input; without it the client takes none.
async function connect(fill) {
  const capabilities = fill ? { elicitation: {} } : {}
  const client = new library.Client({ name: 'test', version: '1' }, { capabilities, ...library.options })
  if (fill) client.setRequestHandler(library.elicit, request => fill(request.params))
  let transport
  if (address[0].startsWith('http')) {
    const headers = { Authorization: 'Bearer ' + process.env.WEFT_TOKEN }
    transport = new library.StreamableHTTPClientTransport(new URL(address[0]), { requestInit: { headers } })
  } else {
    transport = new library.StdioClientTransport({ command: address[0], args: address.slice(1), env: process.env })
  }
  await client.connect(transport)
  return client
}

const call = (client, name, args, options) => library.call(client, { name, arguments: args }, options)

// outcome returns how the run of a progress message stands.
async function outcome(client, run) {
  const { contents } = await client.readResource({ uri: 'weft://run/' + run })
  return JSON.parse(contents[0].text).outcome
}

// tools uses everything that the server offers. The model takes a while, because the clients lose the
// progress messages that arrive together with the result.
async function tools() {
  const client = await connect()
  assert.match(client.getInstructions(), /^weft searches the documents in /)
  const { tools } = await client.listTools()
  const args = {
    search: { query: question }, read: { path: 'harbour.md' }, grep: { pattern: '[0-9]+ euros' }, list: {},
    ask: { question }, run: { workflow: 'rag', start: { text: question } },
  }
  assert.deepEqual(tools.map(t => t.name).sort(), Object.keys(args).sort())
  const ajv = new Ajv({ strict: false })
  for (const tool of tools) {
    const messages = []
    const got = await call(client, tool.name, args[tool.name], { onprogress: p => messages.push(p) })
    assert.ok(!got.isError, `${tool.name}: ${JSON.stringify(got)}`)
    assert.ok(ajv.validate(tool.outputSchema, got.structuredContent), `${tool.name}: ${ajv.errorsText()}`)
    assert.ok(JSON.stringify(got.structuredContent).includes(tool.name === 'list' ? 'harbour.md' : '14 euros'), tool.name)
    assert.ok(got.content[0].text && !got.content[0].text.startsWith('{'), tool.name)
    if (tool.name === 'ask') {
      assert.ok(messages.length >= 4, `${messages.length} progress messages`)
      messages.every((m, i) => assert.ok(m.message && (i === 0 || m.progress > messages[i - 1].progress)))
    }
  }
  const wrong = await call(client, 'read', { path: 'harbor.md' })
  assert.ok(wrong.isError && wrong.content[0].text.includes('harbour.md'), JSON.stringify(wrong))
  const doc = await client.readResource({ uri: 'weft://doc/harbour.md' })
  assert.ok(doc.contents[0].text.includes('14 euros'))
  const prompt = await client.getPrompt({ name: 'answer', arguments: { question } })
  assert.ok(prompt.messages[0].content.text.endsWith(question))
  await client.close()
}

// approve has a person choose the sources: the newer client makes the call again with the reply, the
// older one is asked in between.
async function approve() {
  for (const [keep, answered] of [['1', true], ['none', false]]) {
    let asked
    const client = await connect(params => {
      asked = params
      return { action: 'accept', content: { keep } }
    })
    const got = await call(client, 'ask', { question, workflow: 'approve' })
    assert.match(asked.message, /1\. harbour\.md:/)
    assert.ok(asked.requestedSchema.properties.keep)
    assert.equal(got.structuredContent.status, 'done', JSON.stringify(got))
    assert.equal(got.structuredContent.answer.includes('14 euros'), answered)
    await client.close()
  }
  const alone = await connect()
  const got = await call(alone, 'ask', { question, workflow: 'approve' })
  assert.equal(got.structuredContent.status, 'waiting')
  assert.match(got.structuredContent.waits, /weft runs answer/)
  await alone.close()
}

// cancel gives up when the model has begun to answer, and waits until the run has ended.
async function cancel() {
  const client = await connect()
  const abort = new AbortController()
  let run
  const onprogress = ({ message }) => {
    run ??= /^run (\S+)/.exec(message)?.[1]
    if (/ answers$/.test(message)) abort.abort()
  }
  await assert.rejects(call(client, 'ask', { question }, { onprogress, signal: abort.signal }))
  assert.ok(abort.signal.aborted && run)
  while (await outcome(client, run) !== 'cancelled') await new Promise(done => setTimeout(done, 20))
  await client.close()
}

// slow asks a model that never finishes. The client gives up after 60 seconds, so the server must
// return before.
async function slow() {
  const client = await connect()
  const { structuredContent: got } = await call(client, 'ask', { question }, { onprogress() {} })
  assert.equal(got.status, 'running')
  assert.equal(await outcome(client, got.run), 'running')
  await client.close()
}

await { tools, approve, cancel, slow }[check]()
process.exit(0)
