/*
 * heads.h - a request as a browser sends it, of 700 bytes.
 */
#ifndef BENCH_HEADS_H
#define BENCH_HEADS_H

static const char bench_head[] =
    "GET /articles/2024/what-is-an-event-loop?from=front&page=213 HTTP/1.1\r\n"
    "Host: www.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 "
    "Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,"
    "image/webp,image/png,image/svg+xml,*/*;q=0.8\r\n"
    "Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://www.example.org/articles/2024/\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: session=c2Vzc2lvbiBvZiBub2JvZHk; theme=dark; seen=14,15,92,65; "
    "consent=necessary-only\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Priority: u=0, i\r\n"
    "\r\n";

#endif
