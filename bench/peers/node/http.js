// http.js PORT FOLDER   HTTP: 13 bytes of text, and the files of FOLDER
'use strict';
const fs = require('fs');
const http = require('http');
const path = require('path');

const [port, folder] = process.argv.slice(2);

function file(name, response) {
    fs.open(path.join(folder, path.basename(name)), (error, fd) => {
        if (error) {
            response.writeHead(404).end();
            return;
        }
        fs.fstat(fd, (error, status) => {
            response.writeHead(200, {
                'Content-Type': 'application/octet-stream',
                'Content-Length': status.size,
                'Last-Modified': status.mtime.toUTCString(),
            });
            fs.createReadStream(null, {fd}).pipe(response);
        });
    });
}

const server = http.createServer((request, response) => {
    if (request.url.startsWith('/files/')) {
        file(request.url, response);
        return;
    }
    response.writeHead(200, {
        'Content-Type': 'text/plain',
        'Content-Length': 13,
    });
    response.end('Hello, world!');
});
server.keepAliveTimeout = 120000;
server.listen({port, host: '127.0.0.1', backlog: 4096});
