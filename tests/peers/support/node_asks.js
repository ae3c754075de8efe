// node_asks.js CLAIM URL DIRECTORY - node's clients ask our server.
//
// Ends well if what the function CLAIM says is so.
'use strict';
const assert = require('assert');
const fs = require('fs');
const http = require('http');
const net = require('net');

const [claim, url, directory] = process.argv.slice(2);
const content = (name) => fs.readFileSync(`${directory}/${name}`);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

// Ask with node's own client; resolves when all of the answer has come.
function ask(path, options = {}, body, trailers) {
    return new Promise((resolve, reject) => {
        const request = http.request(url + path, { agent, ...options });
        request.on('error', reject);
        request.on('response', (response) => {
            const some = [];
            response.on('data', (piece) => some.push(piece));
            response.on('error', reject);
            response.on('end', () => resolve({
                status: response.statusCode, headers: response.headers,
                body: Buffer.concat(some), reused: request.reusedSocket,
            }));
        });
        if (trailers)
            request.addTrailers(trailers);
        request.end(body);
    });
}

// Write each of `requests` at once on one connection, and give all that comes.
function pipelined(requests) {
    return new Promise((resolve, reject) => {
        const { hostname, port } = new URL(url);
        const socket = net.connect(port, hostname, () => {
            socket.write(requests.join(''));
        });
        const some = [];
        socket.on('data', (piece) => some.push(piece));
        socket.on('error', reject);
        socket.on('end', () => resolve(Buffer.concat(some).toString()));
    });
}

const claims = {
    async kept() {
        for (let i = 0; i < 50; i++) {
            const got = await ask(`/sized/${i}`);
            assert.equal(got.body.length, i * 8);
            assert.equal(got.reused, i > 0);
            const echoed = await ask('/echo', { method: 'POST' },
                'x'.repeat(i));
            assert.equal(echoed.body.length, i);
            assert(echoed.reused);
        }
    },

    async upload() {
        const data = content('random');
        const got = await ask('/echo', { method: 'POST' }, data);
        assert(got.body.equals(data));
    },

    async trailers() {
        const got = await ask('/echo', {
            method: 'POST',
            headers: { 'Transfer-Encoding': 'chunked', Trailer: 'X-Sum' },
        }, 'body', { 'X-Sum': '1' });
        assert.equal(got.body.toString(), 'body');
        assert((await ask('/measure')).reused);
    },

    async continued() {
        const data = content('random');
        let asked = false;
        await new Promise((resolve, reject) => {
            const request = http.request(`${url}/measure`, {
                method: 'PUT', headers: {
                    Expect: '100-continue', 'Content-Length': data.length,
                },
            });
            request.on('continue', () => { asked = true; request.end(data); });
            request.on('error', reject);
            request.on('response', (r) => r.resume().on('end', resolve));
            request.flushHeaders();
        });
        assert(asked);
    },

    async cut() {
        await assert.rejects(ask('/cut/1000'), { code: 'ECONNRESET' });
        assert.equal((await ask('/measure')).status, 200);
    },

    async left() {
        for (let i = 0; i < 50; i++)
            await new Promise((resolve) => {
                const request = http.get(`${url}/sized/100000`, (response) => {
                    response.once('data', () => request.destroy());
                    response.on('close', resolve);
                    response.on('error', () => {});
                });
            });
        assert.equal((await ask('/measure')).status, 200);
    },

    async pipelined() {
        const one = 'POST /echo HTTP/1.1\r\nHost: x\r\n' +
                    'Content-Length: 2\r\n\r\n';
        const requests = [];
        for (let i = 0; i < 90; i++)
            requests.push(one + String(i + 10));
        requests.push('GET /status/204 HTTP/1.1\r\nHost: x\r\n' +
                      'Connection: close\r\n\r\n');
        const answers = (await pipelined(requests)).split('HTTP/1.1 ');
        assert.equal(answers.length, 92);
        for (let i = 0; i < 90; i++)
            assert(answers[i + 1].includes(`\r\n2\r\n${i + 10}\r\n0\r\n`));
        assert(answers[91].startsWith('204'));
    },

    async fetched() {
        for (const path of ['sized/262144', 'chunked/262144', 'files/lines']) {
            const response = await fetch(`${url}/${path}`);
            const data = Buffer.from(await response.arrayBuffer());
            assert(data.equals(content('lines')));
        }
        const random = content('random');
        const stream = new ReadableStream({
            async start(to) {
                for (let at = 0; at < random.length; at += 77777)
                    to.enqueue(random.subarray(at, at + 77777));
                to.close();
            },
        });
        const echoed = await fetch(`${url}/echo`,
            { method: 'POST', body: stream, duplex: 'half' });
        assert(Buffer.from(await echoed.arrayBuffer()).equals(random));
    },

    async fetch_leads() {
        for (const code of [301, 302, 303, 307, 308]) {
            const response = await fetch(`${url}/redirect/${code}`,
                { method: 'POST', body: 'ab' });
            assert(response.redirected);
            assert.equal((await response.json()).method,
                code > 303 ? 'POST' : 'GET');
        }
    },

    async fetch_aborts() {
        await Promise.all(Array.from({ length: 50 }, () => assert.rejects(
            fetch(`${url}/slow/1000`, { signal: AbortSignal.timeout(200) })
                .then((response) => response.text()))));
        assert.equal((await fetch(`${url}/measure`)).status, 200);
    },

    async crowd() {
        await Promise.all(Array.from({ length: 500 }, async (_, i) => {
            const response = await fetch(`${url}/chunked/${i * 13}`);
            assert.equal((await response.text()).length, i * 104);
        }));
    },
};

claims[claim]().then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
});
