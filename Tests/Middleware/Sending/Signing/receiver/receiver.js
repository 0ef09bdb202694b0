// Answers 204 to what the library accepts as signed by the secret in SECRET, and 401 with the reason to anything else.
// Listens on PORT, or on a free port, and says where on standard output; ends with standard input.
const http = require('node:http');
const { Webhook } = require('standardwebhooks');

const webhook = new Webhook(process.env.SECRET);

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    try {
      webhook.verify(Buffer.concat(parts).toString('utf8'), request.headers);
      response.writeHead(204).end();
    } catch (error) {
      response.writeHead(401, { 'Content-Type': 'text/plain' }).end(error.message);
    }
  });
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${server.address().port}/`));
process.stdin.resume().on('end', () => process.exit(0));
