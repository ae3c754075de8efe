/*
 * options.c - the command line of gyre-serve.
 */
#include "../number.h"
#include "serve.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#ifndef VERSION
#define VERSION "(of no release)"
#endif

static const char usage[] =
    "usage: gyre-serve [options] [DIR [PORT]]\n"
    "Serve the files of DIR, or of the current directory, until interrupted.\n"
    "\n"
    "  -p, --port N         listen on this port, 0 for a free one (8080)\n"
    "  -H, --host HOST      and on this address (127.0.0.1)\n"
    "  -u, --unix PATH      or on a local socket\n"
    "      --index NAME     the file that stands for a directory (index.html)\n"
    "      --no-listing     do not list directories without one\n"
    "      --hidden         serve names that begin with a dot as well\n"
    "      --cache VALUE    send files with this Cache-Control\n"
    "      --cors           let pages from anywhere read them\n"
    "  -t, --threads N      serve with so many threads (1)\n"
    "  -r, --rate N         send N bytes a second to each connection, at most\n"
    "  -c, --connections N  so many connections at once, of each thread (10000)\n"
    "      --per-address N  and so many from one address\n"
    "  -l, --log FORMAT     to standard error: common, combined, json, or none\n"
    "  -j, --json           at the end print how much was served, as JSON\n"
    "  -q, --quiet          say nothing but that, and errors\n"
    "  -h, --help           this\n"
    "      --version        which version it is\n"
    "\n"
    "Where there is name.br, name.zst, or name.gz, no older than name, it is sent in\n"
    "place of that to who accepts it.  Exits with 1 if it cannot serve, and 2 if it\n"
    "was told nonsense.\n";

enum { MOST_THREADS = 1000 };
enum { INDEX = 256, LISTING, NO_LISTING, HIDDEN, CACHE, CORS, PER_ADDRESS, VERSION_ASKED };

static const struct option longs[] = {
    {"port", required_argument, NULL, 'p'},
    {"host", required_argument, NULL, 'H'},
    {"unix", required_argument, NULL, 'u'},
    {"index", required_argument, NULL, INDEX},
    {"listing", no_argument, NULL, LISTING},
    {"no-listing", no_argument, NULL, NO_LISTING},
    {"hidden", no_argument, NULL, HIDDEN},
    {"cache", required_argument, NULL, CACHE},
    {"cors", no_argument, NULL, CORS},
    {"threads", required_argument, NULL, 't'},
    {"rate", required_argument, NULL, 'r'},
    {"connections", required_argument, NULL, 'c'},
    {"per-address", required_argument, NULL, PER_ADDRESS},
    {"log", required_argument, NULL, 'l'},
    {"json", no_argument, NULL, 'j'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, VERSION_ASKED},
    {NULL, 0, NULL, 0},
};

static int wrong(const char *what, const char *text)
{
    fprintf(stderr, "gyre-serve: %s: '%s'\n", what, text);
    return 2;
}

static int read_port(struct options *o, const char *text)
{
    o->port = port_in(text);
    return o->port < 0 ? wrong("a port is a number up to 65535", text) : -1;
}

/* A number that is not 0, for that would be the default. */
static int read_count(const char *text, int *out)
{
    *out = number_in(text, INT_MAX);
    return *out > 0 ? -1 : wrong("not a number above 0", text);
}

static int read_size(const char *text, size_t *out)
{
    int n, code = read_count(text, &n);

    *out = code < 0 ? (size_t)n : 0;
    return code;
}

static int read_threads(const char *text, unsigned *out)
{
    int n = number_in(text, MOST_THREADS);

    *out = n > 0 ? (unsigned)n : 0;
    return n > 0 ? -1 : wrong("threads are a number from 1 to 1000", text);
}

static int read_format(struct options *o, const char *text)
{
    static const char *const names[] = {"common", "combined", "json", "none"};

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            o->log = (enum log_format)i;
            return -1;
        }
    }
    return wrong("not a format of a log", text);
}

static int read_cache(struct options *o, const char *text)
{
    o->files.cache_control = text;
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return wrong("not the value of a field", o->files.cache_control);
    }
    return -1;
}

/* As read_options. */
static int read_option(struct options *o, int option)
{
    switch (option) {
    case 'p': return read_port(o, optarg);
    case 'H': o->host = optarg; break;
    case 'u': o->path = optarg; break;
    case INDEX: o->files.index = optarg; break;
    case LISTING: o->files.listing = true; break;
    case NO_LISTING: o->files.listing = false; break;
    case HIDDEN: o->files.hidden = true; break;
    case CACHE: return read_cache(o, optarg);
    case CORS: o->cors = true; break;
    case 't': return read_threads(optarg, &o->http.threads);
    case 'r': return read_count(optarg, &o->rate);
    case 'c': return read_size(optarg, &o->http.connections);
    case PER_ADDRESS: return read_size(optarg, &o->http.per_address);
    case 'l': return read_format(o, optarg);
    case 'j': o->summary = true; break;
    case 'q': o->http.quiet = true; break;
    case 'h': fputs(usage, stdout); return 0;
    case VERSION_ASKED: puts("gyre-serve " VERSION); return 0;
    default: fputs("gyre-serve --help says what there is\n", stderr); return 2;
    }
    return -1;
}

int read_options(struct options *o, int argc, char **argv)
{
    int option, code = -1;

    *o = (struct options){.directory = ".", .host = "127.0.0.1", .port = 8080};
    o->files.compressed = o->files.listing = true;
    while (code < 0 && (option = getopt_long(argc, argv, "p:H:u:t:r:c:l:jqh", longs, NULL)) != -1)
        code = read_option(o, option);
    if (code < 0 && argc - optind > 2)
        code = wrong("one directory and one port are enough", argv[optind + 2]);
    if (code < 0 && argc > optind)
        o->directory = argv[optind];
    if (code < 0 && argc > optind + 1)
        code = read_port(o, argv[optind + 1]);
    return code;
}
