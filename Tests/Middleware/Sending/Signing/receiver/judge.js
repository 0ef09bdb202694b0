// Says of each case in the file of the first argument whether the contract's example, compiled, holds it for genuine.
const { readFileSync } = require('node:fs');
const { isGenuine } = require('./compiled/example.js');

const cases = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(JSON.stringify(cases.map(({ secret, id, timestamp, signatures, body, now }) =>
  isGenuine(secret, id, timestamp, signatures, Buffer.from(body, 'utf8'), new Date(now)))));
