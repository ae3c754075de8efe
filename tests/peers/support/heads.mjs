// heads.mjs - a server of Node's that says yes to whatever it takes for a
// request, and how long its body was, once it has all of it.

import http from 'node:http';

const accept = (request, response) => {
    let length = 0;

    request.on('data', (piece) => { length += piece.length; });
    request.on('end', () => response.end(`yes ${length}.`));
    response.flushHeaders();
};
const accept_raw = (_, socket) =>
    socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nyes');
const server = http.createServer({ insecureHTTPParser: false }, accept);

server.on('connect', accept_raw);
server.on('upgrade', accept_raw);
server.on('checkContinue', accept);
server.listen(0, '127.0.0.1', () =>
    console.log(`listening on 127.0.0.1:${server.address().port}`));
process.on('SIGTERM', () => process.exit(0));
