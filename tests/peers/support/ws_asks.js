// ws_asks.js CLAIM URL - the clients of `ws` before our server.
//
// Ends well if what the function CLAIM says is so.
'use strict';
const assert = require('assert');
const crypto = require('crypto');
const { once } = require('events');
const WebSocket = require(`${process.cwd()}/build/npm/node_modules/ws`);

const [claim, http] = process.argv.slice(2);
const url = http.replace('http', 'ws');

async function open(path, protocols, options) {
    const ws = new WebSocket(url + path, protocols, options);

    await once(ws, 'open');
    return ws;
}

async function echo(ws, data) {
    ws.send(data);
    const [got, binary] = await once(ws, 'message');
    assert.equal(binary, typeof data !== 'string');
    assert(Buffer.from(data).equals(got));
}

async function closed(ws) {
    const [code, reason] = await once(ws, 'close');
    return [code, reason.toString()];
}

const sizes = [0, 1, 125, 126, 127, 128, 65535, 65536, 65537, 1 << 20];

const claims = {
    async echoes() {
        const ws = await open('/socket');
        for (const size of sizes) {
            await echo(ws, 'x'.repeat(size));
            await echo(ws, crypto.randomBytes(size));
        }
        for (let i = 0; i < 300; i++)
            await echo(ws, crypto.randomBytes(crypto.randomInt(5000)));
        await echo(ws, 'Grüße, 世界 🌍');
        ws.close();
        assert.deepEqual(await closed(ws), [1005, '']);
    },

    async large() {
        const ws = await open('/socket');
        await echo(ws, crypto.randomBytes(16 << 20));
        ws.close(1000);
        await closed(ws);
    },

    async at_once() {
        const ws = await open('/socket');
        const sent = Array.from({ length: 2000 },
            () => crypto.randomBytes(crypto.randomInt(2000)));
        let next = 0;
        const all = new Promise((resolve) => ws.on('message', (got) => {
            assert(sent[next++].equals(got));
            if (next === sent.length)
                resolve();
        }));
        sent.forEach((data) => ws.send(data));
        await all;
        ws.close();
        await closed(ws);
    },

    async fragments() {
        const ws = await open('/socket');
        const parts = ['Grü', 'ße, ', '', '世', '界'];
        parts.forEach((part, i) => {
            ws.send(part, { fin: i === parts.length - 1 });
            ws.ping();
        });
        const [got] = await once(ws, 'message');
        assert.equal(got.toString(), parts.join(''));
        const bytes = Buffer.from('世界');
        ws.send(bytes.subarray(0, 2), { fin: false, binary: false });
        ws.send(bytes.subarray(2), { fin: true, binary: false });
        assert.equal((await once(ws, 'message'))[0].toString(), '世界');
        ws.close();
        await closed(ws);
    },

    async parts() {
        const ws = new WebSocket(`${url}/socket/parts/1000`);
        let pinged = false;
        ws.on('ping', () => { pinged = true; });
        const [got] = await once(ws, 'message');
        assert.equal(got.length, 8000);
        assert.deepEqual(await closed(ws), [1000, '']);
        assert(pinged);
    },

    async pings() {
        const ws = await open('/socket');
        for (const data of ['', 'x', 'y'.repeat(125)]) {
            ws.ping(data);
            assert.equal((await once(ws, 'pong'))[0].toString(), data);
        }
        ws.pong('unasked');
        await echo(ws, 'still here');
        ws.close();
        await closed(ws);
    },

    async closes() {
        for (const code of [1000, 1001, 1011, 3000, 4999]) {
            const ws = await open('/socket');
            ws.close(code, 'enough');
            assert.equal((await closed(ws))[0], code);
        }
    },

    async is_closed() {
        for (const code of [1000, 1001, 1008, 1013, 3000, 4999]) {
            const ws = new WebSocket(`${url}/socket/close/${code}`);
            assert.deepEqual(await closed(ws), [code, 'as you like']);
        }
    },

    async protocols() {
        for (const [asked, got] of [[[], ''], [['chat.1'], 'chat.1'],
            [['chat.1', 'chat.2'], 'chat.2'], [['x', 'chat.1'], 'chat.1']]) {
            const ws = await open('/socket', asked);
            assert.equal(ws.protocol, got);
            ws.close();
            await closed(ws);
        }
        const ws = new WebSocket(`${url}/socket`, ['other']);
        const [error] = await once(ws, 'error');
        assert.match(error.message, /subprotocol/);
    },

    async no_compression() {
        const ws = await open('/socket', [], { perMessageDeflate: true });
        assert.equal(ws.extensions, '');
        await echo(ws, 'x'.repeat(10000));
        ws.close();
        await closed(ws);
    },

    async wrong() {
        const too_large = await open('/socket');
        too_large.send(Buffer.alloc((16 << 20) + 1));
        assert.equal((await closed(too_large))[0], 1009);
        const no_text = await open('/socket');
        no_text.send(Buffer.from([0xc3, 0x28]), { binary: false });
        assert.equal((await closed(no_text))[0], 1007);
        const unmasked = await open('/socket');
        unmasked.send('x', { mask: false });
        assert.equal((await closed(unmasked))[0], 1002);
    },

    async is_told() {
        for (const [options, status] of [[{ protocolVersion: 8 }, 426],
            [{ origin: 'http://evil.example' }, 403]]) {
            const ws = new WebSocket(`${url}/socket`,
                { protocolVersion: 13, ...options });
            const [, response] = await once(ws, 'unexpected-response');
            assert.equal(response.statusCode, status);
        }
    },

    async vanishes() {
        for (let i = 0; i < 50; i++) {
            const ws = await open('/socket');
            ws.send('x'.repeat(100000));
            ws.terminate();
        }
        const ws = await open('/socket');
        await echo(ws, 'well');
        ws.close();
        await closed(ws);
    },

    async crowd() {
        await Promise.all(Array.from({ length: 200 }, async () => {
            const ws = await open('/socket');
            for (let i = 0; i < 20; i++)
                await echo(ws, crypto.randomBytes(crypto.randomInt(3000)));
            ws.close();
            await closed(ws);
        }));
    },

    // Until the server is told to stop.
    async waits() {
        const ws = await open('/socket');
        console.log('open');
        assert.deepEqual((await closed(ws))[0], 1001);
        console.log('closed');
    },
};

claims[claim]().then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
});
