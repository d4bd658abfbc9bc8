// LlamaIndex's workflow debugger in Chromium. Arguments: the folder with node_modules, the address of
// the server, the path of Chromium, a folder for pictures. It prints what it has done; the exit code
// is 1 if something is not as it should be.
import { createRequire } from "node:module";
import assert from "node:assert/strict";

const [folder, url, executablePath, pictures] = process.argv.slice(2);
const { chromium } = createRequire(folder + "/")("playwright-core");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
page.setDefaultTimeout(120_000);
const foreign = [];
page.on("response", (r) => { if (!r.url().startsWith(url)) foreign.push(r.url()); });
page.on("pageerror", (e) => { throw e; });

let shots = 0;
const picture = (name) => page.screenshot({ path: `${pictures}/${++shots}-${name}.png` });
const shown = async (text) => page.getByText(text, { exact: true }).first().waitFor();

// names returns the names of the events in the stream, once there are as many.
async function names(count) {
  await shown(`Event Stream (${count})`);
  const rows = page.locator("tbody tr");
  const all = [];
  for (const row of await rows.all()) all.push((await row.innerText()).trim().split(/\s+/)[1]);
  return all;
}

async function choose(workflow) {
  await page.getByRole("combobox").first().click();
  await page.getByRole("option", { name: workflow, exact: true }).click();
  await shown(`Configure: ${workflow}`);
}

// What fails below is reported with what the page shows.
process.on("uncaughtException", async (e) => {
  console.log(e.message, "\nThe page shows:\n", await page.locator("body").innerText());
  await picture("failed");
  process.exit(1);
});

await page.goto(url);
await shown("Workflow Debugger");
await page.getByRole("combobox").first().click();
assert.deepEqual(await page.getByRole("option").allInnerTexts(), ["quick", "asking", "slow"]);
await picture("the-workflows");
await page.keyboard.press("Escape");
console.log("lists the workflows");

await choose("quick");
await page.locator("textarea").first().fill("four");
await picture("the-form");
await page.getByRole("button", { name: "Run Workflow" }).click();
await shown("completed");
const events = ["Question", "Progress", "Found", "Answer"];
assert.deepEqual(await names(4), events);
console.log("starts a run by its form, and shows all events of a run that is over at once");

const nodes = await page.locator(".react-flow__node").allInnerTexts();
for (const name of ["Question", "find", "Found", "answer", "Answer"]) {
  assert.ok(nodes.some((n) => n.split("\n")[0] === name), `${name} is not in ${JSON.stringify(nodes)}`);
}
assert.equal(await page.locator(".react-flow__edge").count(), 4);
await picture("a-short-run");
console.log("draws the graph");

await page.reload();
await choose("asking");
await page.locator("textarea").first().fill("may I?");
await page.getByRole("button", { name: "Run Workflow" }).click();
await shown("ApprovalRequired");
await page.getByRole("button", { name: "Send Event" }).click();
const dialog = page.getByRole("dialog");
await dialog.getByText("Approval", { exact: true }).first().waitFor();
await picture("a-reply");
await dialog.getByRole("button", { name: "Send Event" }).click();
await shown("completed");
await shown("Event Stream (5)");
await page.getByText('"false"').first().waitFor(); // this version sends false for a yes, too
await picture("after-the-reply");
console.log("sends a human reply");

await page.reload();
await page.getByRole("button", { name: /^quick/ }).first().click();
await shown("completed");
assert.deepEqual(await names(4), events);
await picture("reopened");
console.log("reopens a finished run");
assert.deepEqual(foreign, [], "something was fetched from elsewhere");
await browser.close();
console.log("done");
