// The page of a chat: what others said is put in as text, and never as markup.
'use strict';

const $ = (id) => document.getElementById(id);

let room, name, socket;
let waiting = 500;   // ms until the next attempt to connect
let again;           // the timer of that

// ---- what is shown ----

function element(kind, text, className = '') {
    const made = document.createElement(kind);

    made.textContent = text;
    made.className = className;
    return made;
}

function show(item) {
    const log = $('log');
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;

    log.append(item);
    while (log.children.length > 500)
        log.firstChild.remove();
    if (atEnd)
        log.scrollTop = log.scrollHeight;
}

function showSaid(said) {
    const item = element('li', '', said.name === name ? 'mine' : '');
    const time = element('time', new Date(said.at).toLocaleTimeString([],
        { hour: '2-digit', minute: '2-digit' }));
    time.dateTime = new Date(said.at).toISOString();
    item.append(element('b', said.name), time, element('p', said.text));
    show(item);
}

function addPerson(who) {
    $('people').append(element('li', who));
}

function removePerson(who) {
    for (const item of $('people').children)
        if (item.textContent === who) {
            item.remove();
            return;
        }
}

// All that is known of the room: what was shown before is out of date.
function begin(news) {
    $('log').replaceChildren();
    $('people').replaceChildren();
    news.said.forEach(showSaid);
    news.people.forEach(addPerson);
    $('log').scrollTop = $('log').scrollHeight;
    waiting = 500;
    state('connected');
}

const happenings = {
    room: begin,
    said: showSaid,
    joined(news) {
        show(element('li', `${news.name} joined`, 'event'));
        addPerson(news.name);
    },
    left(news) {
        show(element('li', `${news.name} left`, 'event'));
        removePerson(news.name);
    },
};

function state(text) {
    $('state').textContent = text;
}

// ---- the connection ----

function connect() {
    const url = new URL(`/api/rooms/${encodeURIComponent(room)}/socket`, location);
    url.protocol = url.protocol.replace('http', 'ws');
    url.searchParams.set('name', name);
    const mine = socket = new WebSocket(url);

    state('connecting …');
    mine.onmessage = (message) => {
        const news = JSON.parse(message.data);
        if (mine === socket)
            happenings[news.kind](news);
    };
    mine.onclose = () => {
        if (mine !== socket)
            return;
        state('disconnected, trying again …');
        again = setTimeout(connect, waiting);
        waiting = Math.min(waiting * 2, 15000);
    };
}

// ---- coming and going ----

function enter() {
    document.title = `#${room} – Gyre chat`;
    $('title').textContent = room;
    $('door').hidden = true;
    $('inside').hidden = false;
    connect();
    $('text').focus();
}

$('enter').addEventListener('submit', (event) => {
    event.preventDefault();
    room = $('room').value.trim();
    name = $('name').value.trim();
    if (room === '' || name === '')
        return;
    sessionStorage.setItem('chat', JSON.stringify({ room, name }));
    enter();
});

$('leave').addEventListener('click', () => {
    const old = socket;

    socket = undefined;
    clearTimeout(again);
    old.close();
    sessionStorage.removeItem('chat');
    $('inside').hidden = true;
    $('door').hidden = false;
    $('room').select();
});

$('say').addEventListener('submit', (event) => {
    event.preventDefault();
    const text = $('text').value.trim();
    if (text === '' || socket.readyState !== WebSocket.OPEN)
        return;
    socket.send(text);
    $('text').value = '';
});

const before = JSON.parse(sessionStorage.getItem('chat'));
if (before) {
    ({ room, name } = before);
    enter();
}
