// ws_serves.js - a server of `ws`, for our client.
'use strict';
const WebSocket = require(`${process.cwd()}/build/npm/node_modules/ws`);

const server = new WebSocket.Server({
    host: '127.0.0.1', port: 0, perMessageDeflate: true,
    handleProtocols: (asked) => asked.has('chat.2') ? 'chat.2' : false,
    verifyClient: ({ req }, done) => done(req.url !== '/forbidden', 403),
});

const paths = {
    echo: (ws) => ws.on('message', (data, binary) => ws.send(data, { binary })),
    close: (ws, code) => ws.close(Number(code), 'as you like'),
    bare: (ws) => ws.close(),
    drop: (ws) => ws.send('last', () => ws.terminate()),
    parts(ws) {
        ['Grü', 'ße, ', '', '世', '界'].forEach((part, i) => {
            ws.send(part, { fin: i === 4 });
            ws.ping(`between ${i}`);
        });
        ws.close(1000);
    },
    pings(ws) {
        let pongs = 0;
        ws.on('pong', () => ++pongs === 100 ? ws.close(1000, 'a hundred')
            : ws.ping());
        ws.ping();
    },
    masked: (ws) => ws.send('wrong', { mask: true }),
    reserved: (ws) => ws._socket.write(Buffer.from([0xc1, 0x01, 0x78])),
    no_text: (ws) => ws.send(Buffer.from([0xc3, 0x28]), { binary: false }),
    large: (ws, size) => ws.send(Buffer.alloc(Number(size))),
    torn: (ws) => ws._socket.end(Buffer.from([0x81, 0x05, 0x78])),
};

server.on('connection', (ws, request) => {
    const [, name, rest] = request.url.split('/');
    ws.on('error', () => {});
    paths[name](ws, rest);
});
server.on('listening', () => {
    console.log(`listening on 127.0.0.1:${server.address().port}`);
});
