// node_serves.js DIRECTORY - node's server, for our client.
'use strict';
const fs = require('fs');
const http = require('http');

const directory = process.argv[2];

const answers = {
    measure(request, response) {
        let length = 0;
        let sum = 0;
        request.on('data', (piece) => {
            length += piece.length;
            for (const byte of piece)
                sum += byte;
        });
        request.on('end', () => response.end(
            `{"method": "${request.method}", "length": ${length}, ` +
            `"sum": ${sum}}`));
    },
    // Not before it has all of it: our client sends no more to who answers.
    echo(request, response) {
        const some = [];
        request.on('data', (piece) => some.push(piece));
        request.on('end', () => response.end(Buffer.concat(some)));
    },
    files(request, response, name) {
        fs.createReadStream(`${directory}/${name}`).pipe(response);
    },
    trailers(request, response) {
        response.writeHead(200, { Trailer: 'X-Sum' });
        response.write('body');
        response.addTrailers({ 'X-Sum': '1' });
        response.end();
    },
    early(request, response) {
        response.writeEarlyHints({ link: '</style.css>; rel=preload' });
        response.writeProcessing();
        response.end('late');
    },
    cut(request, response) {
        response.writeHead(200, { 'Content-Length': 100 });
        response.write('short', () => request.socket.destroy());
    },
    cut_chunks(request, response) {
        response.write('short', () => request.socket.destroy());
    },
    reset: (request) => request.socket.resetAndDestroy(),
    refused(request, response) {
        response.writeHead(403, { Connection: 'close' });
        response.end('no');
    },
    redirect(request, response, code) {
        request.resume();
        response.writeHead(Number(code), { Location: '/measure' });
        response.end('elsewhere');
    },
    old(request, response) {
        response.useChunkedEncodingByDefault = false;
        response.removeHeader('Transfer-Encoding');
        response.shouldKeepAlive = false;
        response.write('the end ');
        response.end('is the end');
    },
    port: (request, response) => response.end(`${request.socket.remotePort}\n`),
};

const server = http.createServer((request, response) => {
    const [, name, rest] = request.url.split('/');
    answers[name](request, response, rest);
});
server.keepAliveTimeout = 2500; // told as 2 s, of which we use one
server.listen(0, '127.0.0.1', () => {
    console.log(`listening on 127.0.0.1:${server.address().port}`);
});
