// LlamaIndex's TypeScript client against weft serve. Arguments: the folder with node_modules, the
// address of the server, the token. It prints what it has done; the exit code is 1 if something is
// not as it should be.
import { createRequire } from "node:module";
import assert from "node:assert/strict";

const [folder, baseUrl, token] = process.argv.slice(2);
const api = createRequire(folder + "/")("@llamaindex/workflows-client");
const client = api.createClient(api.createConfig({ baseUrl, headers: { Authorization: `Bearer ${token}` } }));

// call returns the data of an answer, and fails for an error.
async function call(operation, options = {}) {
  const { data, error, response } = await operation({ client, ...options });
  assert.equal(error, undefined, `${operation.name}: ${response?.status} ${JSON.stringify(error)}`);
  return data;
}

// follow collects the events of a run up to its end. The first connection is cut in the middle of an
// event, if cut is given: the client connects again by itself.
async function follow(handler_id, { cut = 0, onEvent = () => {} } = {}) {
  const ids = [], types = [];
  let connections = 0;
  const cutting = async (request) => {
    const response = await fetch(request);
    if (connections++ > 0 || cut === 0) return response;
    let left = cut;
    const body = response.body.pipeThrough(new TransformStream({
      transform(chunk, controller) {
        if (chunk.length < left) { left -= chunk.length; controller.enqueue(chunk); return; }
        controller.enqueue(chunk.subarray(0, left));
        controller.error(new Error("cut off"));
      },
    }));
    return new Response(body, { status: response.status, headers: response.headers });
  };
  const { stream } = await api.getEventsByHandlerId({
    client, path: { handler_id }, query: { sse: true, include_internal: true }, fetch: cutting, sseDefaultRetryDelay: 5,
    onSseEvent: (event) => { if (event.data) ids.push(Number(event.id)); },
  });
  for await (const event of stream) {
    types.push(event.type);
    await onEvent(event);
  }
  return { ids, types, connections };
}

assert.equal((await call(api.getHealth)).status, "healthy");
const { workflows } = await call(api.getWorkflows);
assert.ok(workflows.includes("rag") && workflows.includes("approve"), workflows);
const name = (name) => ({ path: { name } });
assert.equal((await call(api.getWorkflowsByNameSchema, name("rag"))).start.title, "Question");
const { graph } = await call(api.getWorkflowsByNameRepresentation, name("rag"));
assert.ok(graph.nodes.some((n) => n.id === "retrieve" && n.node_type === "step"));
assert.ok(graph.edges.every((e) => graph.nodes.some((n) => n.id === e.source) && graph.nodes.some((n) => n.id === e.target)));
console.log("listed and described");

const start_event = { text: "is the sea deep?" };
const done = await call(api.postWorkflowsByNameRun, { ...name("rag"), body: { start_event } });
assert.equal(done.status, "completed");
assert.match(done.result.value.text, /sea is deep/);
const whole = await follow(done.handler_id);
assert.deepEqual([whole.types.at(0), whole.types.at(-1)], ["Question", "Answer"]);
console.log(`ran: ${whole.types.length} events`);

for (const cut of [1, 150, 700, 1500, 4000]) {
  const again = await follow(done.handler_id, { cut });
  assert.deepEqual(again.ids, whole.ids, `cut at ${cut}`);
  assert.equal(again.connections, 2);
}
console.log("connected again without gap or double");

const begin = (handler_id) => call(api.postWorkflowsByNameRunNowait, { ...name("approve"), body: { start_event, handler_id } });
assert.equal((await begin("waits")).status, "running");
let prompts = 0;
const answered = await follow("waits", {
  onEvent: async (event) => {
    if (!event.types.includes("InputRequiredEvent")) return;
    prompts++;
    assert.equal((await call(api.getWorkflowsByNameEvents, name("approve"))).events[0].title, event.value._reply);
    const reply = JSON.stringify({ type: event.value._reply, value: { keep: [1] } });
    const sent = await call(api.postEventsByHandlerId, { path: { handler_id: "waits" }, body: { event: reply } });
    assert.equal(sent.status, "sent");
  },
});
assert.equal(prompts, 1);
assert.ok(answered.types.includes("Approval") && answered.types.at(-1) === "Answer", answered.types);
assert.equal((await call(api.getHandlersByHandlerId, { path: { handler_id: "waits" } })).status, "completed");
console.log("replied to a wait");

await begin("leave");
const cancelled = await call(api.postHandlersByHandlerIdCancel, { path: { handler_id: "leave" } });
assert.equal(cancelled.status, "cancelled");
const listed = (query) => call(api.getHandlers, { query }).then(({ handlers }) => handlers.map((h) => h.handler_id));
assert.deepEqual(await listed({ status: ["cancelled"] }), ["leave"]);
assert.deepEqual(await listed({ workflow_name: ["approve"] }), ["leave", "waits"]);
const purged = await call(api.postHandlersByHandlerIdCancel, { path: { handler_id: "leave" }, query: { purge: true } });
assert.equal(purged.status, "deleted");
assert.deepEqual(await listed({ workflow_name: ["approve"] }), ["waits"]);
const { error, response } = await api.getHandlersByHandlerId({ client, path: { handler_id: "leave" } });
assert.equal(response.status, 404);
assert.ok(error);
console.log("cancelled and listed");
