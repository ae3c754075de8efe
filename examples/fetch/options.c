/*
 * options.c - what the command line says.
 */
#include "fetch.h"

#include "../number.h"

#include <getopt.h>
#include <string.h>

const char usage[] =
    "usage: gyre-fetch [OPTION]... URL...\n"
    "where bodies go: to standard output, or\n"
    "  -o, --output FILE          into FILE, of one URL\n"
    "  -O, --remote-name          into files called as the last part of each URL's path\n"
    "  -D, --output-dir DIR       the same, in DIR\n"
    "  -n, --discard              nowhere: measures only\n"
    "  -C, --continue             goes on with files that broke off, and leaves them\n"
    "  -R, --replace              replaces files that are there\n"
    "what is asked:\n"
    "  -X, --request METHOD       -I, --head          -d, --data TEXT | @FILE\n"
    "  -H, --header 'NAME: TEXT'  -T, --upload FILE   -u, --user NAME:PASSWORD\n"
    "  -F, --form NAME=TEXT | NAME=@FILE   a part of a form, of which there may be several\n"
    "  -b, --cookies              keeps cookies while it runs, and sends them\n"
    "  -L, --location             follows redirects, 10 or --max-redirs N\n"
    "how:\n"
    "  -x, --proxy URL            --noproxy HOSTS     --unix-socket PATH\n"
    "  --interface ADDRESS        connects from there\n"
    "  -Z, --parallel             -j, --concurrency N at once (8)    --rate N begin a second\n"
    "  --limit-rate BYTES         a second, of each\n"
    "  --retry N                  of what may come right: times, connections, 408, 429, 5xx\n"
    "                             (but a POST only if it was not made, or is answered so)\n"
    "  -t, --stall SECONDS        for a server to connect, answer, or go on (30)\n"
    "  --connect-timeout SECONDS  -m, --max-time SECONDS, of each\n"
    "what is said:\n"
    "  -f, --fail                 a status of 400 or more is a failure, and its body not printed\n"
    "  -s, --silent               --json, a summary   --help\n"
    "ends with 0; or for the first that failed, 3: was refused (400 or more; always, but for\n"
    "standard output without -f), 4: took too long, 5: could not be reached, 1: else; or 2: usage\n";

enum {
    NO_PROXY = 256,
    UNIX_SOCKET,
    INTERFACE,
    RATE,
    LIMIT_RATE,
    RETRY,
    CONNECT,
    REDIRECTS,
    JSON,
    HELP
};

static const struct option longs[] = {{"output", required_argument, NULL, 'o'},
                                      {"remote-name", no_argument, NULL, 'O'},
                                      {"output-dir", required_argument, NULL, 'D'},
                                      {"discard", no_argument, NULL, 'n'},
                                      {"continue", no_argument, NULL, 'C'},
                                      {"replace", no_argument, NULL, 'R'},
                                      {"request", required_argument, NULL, 'X'},
                                      {"head", no_argument, NULL, 'I'},
                                      {"data", required_argument, NULL, 'd'},
                                      {"header", required_argument, NULL, 'H'},
                                      {"upload", required_argument, NULL, 'T'},
                                      {"form", required_argument, NULL, 'F'},
                                      {"user", required_argument, NULL, 'u'},
                                      {"cookies", no_argument, NULL, 'b'},
                                      {"location", no_argument, NULL, 'L'},
                                      {"max-redirs", required_argument, NULL, REDIRECTS},
                                      {"proxy", required_argument, NULL, 'x'},
                                      {"noproxy", required_argument, NULL, NO_PROXY},
                                      {"unix-socket", required_argument, NULL, UNIX_SOCKET},
                                      {"interface", required_argument, NULL, INTERFACE},
                                      {"parallel", no_argument, NULL, 'Z'},
                                      {"concurrency", required_argument, NULL, 'j'},
                                      {"rate", required_argument, NULL, RATE},
                                      {"limit-rate", required_argument, NULL, LIMIT_RATE},
                                      {"retry", required_argument, NULL, RETRY},
                                      {"stall", required_argument, NULL, 't'},
                                      {"connect-timeout", required_argument, NULL, CONNECT},
                                      {"max-time", required_argument, NULL, 'm'},
                                      {"fail", no_argument, NULL, 'f'},
                                      {"silent", no_argument, NULL, 's'},
                                      {"json", no_argument, NULL, JSON},
                                      {"help", no_argument, NULL, HELP},
                                      {0}};

enum { MOST = 1000000 };

/* A number from 1 on. */
static bool count_in(const char *text, int *n)
{
    *n = number_in(text, MOST);
    return *n > 0;
}

static bool span_in(const char *text, gyre_time *span)
{
    int seconds;
    bool good = count_in(text, &seconds);

    *span = seconds * GYRE_SECOND;
    return good;
}

/* Divide at the first `c`, where a NUL is put; what is behind it, or NULL. */
static char *divide(char *text, char c)
{
    char *at = strchr(text, c);

    if (at != NULL)
        *at++ = '\0';
    return at;
}

static bool add_field(struct options *o, char *text)
{
    char *value = divide(text, ':');

    return value != NULL && gyre_http_fields_add(&o->fields, text, value) == 0;
}

static bool add_part(struct options *o, char *text)
{
    if (divide(text, '=') == NULL || o->part_count == MOST_PARTS)
        return false;
    o->parts[o->part_count++] = text;
    return true;
}

static bool set_user(struct options *o, char *text)
{
    char *password = divide(text, ':');

    return gyre_http_fields_set_basic(&o->fields, "Authorization", text,
                                      password != NULL ? password : "") == 0;
}

static bool set_stall(struct options *o, const char *text)
{
    struct gyre_http_session_options *s = &o->session;
    bool good = span_in(text, &s->stall_time);

    s->send_time = s->answer_time = s->stall_time;
    if (s->connect_time == 0)
        s->connect_time = s->stall_time;
    return good;
}

static bool set_interface(struct options *o, const char *text)
{
    static struct gyre_addr from;

    o->session.from = &from;
    return gyre_addr_parse(&from, text, 0) == 0;
}

static bool put_into(struct options *o, enum place place, const char *where)
{
    o->place = place;
    if (place == TO_FILE)
        o->output = where;
    else if (where != NULL)
        o->directory = where;
    return true;
}

/* One that is on or off. */
static bool switch_on(struct options *o, int c)
{
    switch (c) {
    case 'C': return o->resume = true;
    case 'R': return o->replace = true;
    case 'I': return o->head = true;
    case 'b': return o->cookies = true;
    case 'f': return o->fail = true;
    case 's': return o->silent = true;
    case JSON: return o->json = true;
    case 'O': return put_into(o, TO_NAMES, NULL);
    case 'n': return put_into(o, NOWHERE, NULL);
    case 'L':
        o->session.redirects = o->session.redirects > 0 ? o->session.redirects : 10;
        return true;
    case 'Z': o->concurrency = o->concurrency > 0 ? o->concurrency : 8; return true;
    default: return false;
    }
}

static bool set(struct options *o, int c, char *text)
{
    switch (c) {
    case 'o': return put_into(o, TO_FILE, text);
    case 'D': return put_into(o, TO_NAMES, text);
    case 'X': o->method = text; return true;
    case 'd': o->data = text; return true;
    case 'T': o->upload = text; return true;
    case 'H': return add_field(o, text);
    case 'F': return add_part(o, text);
    case 'u': return set_user(o, text);
    case 'x': o->session.proxy = text; return true;
    case NO_PROXY: o->session.no_proxy = text; return true;
    case UNIX_SOCKET: o->session.unix_path = text; return true;
    case INTERFACE: return set_interface(o, text);
    case 'j': return count_in(text, &o->concurrency);
    case RATE: return count_in(text, &o->rate);
    case LIMIT_RATE: return count_in(text, &o->limit_rate);
    case RETRY: return count_in(text, &o->retries);
    case REDIRECTS: return count_in(text, &o->session.redirects);
    case 't': return set_stall(o, text);
    case CONNECT: return span_in(text, &o->session.connect_time);
    case 'm': return span_in(text, &o->session.total_time);
    default: return switch_on(o, c);
    }
}

static int complain(const char *what)
{
    if (what != NULL)
        fprintf(stderr, "gyre-fetch: %s\n", what);
    fputs("usage: gyre-fetch [OPTION]... URL...   (--help lists the options)\n", stderr);
    return USAGE;
}

/* The last option read cannot be so: its argument is shown, unless that is secret. */
static int complain_of(char **argv, int option)
{
    char what[200];

    snprintf(what, sizeof what, "cannot be so: %s", option == 'u' ? "-u" : argv[optind - 1]);
    return complain(what);
}

/* Do they go together? */
static int check(const struct options *o)
{
    if (o->count == 0)
        return complain("no URL");
    if (o->place == TO_FILE && o->count > 1)
        return complain("-o is for one URL: see -O");
    if (o->place == TO_STDOUT && o->concurrency > 1 && o->count > 1)
        return complain("at once, bodies cannot go to standard output: see -O, -n");
    if ((o->resume || o->replace) && o->place != TO_FILE && o->place != TO_NAMES)
        return complain("-C and -R are for files: see -o, -O");
    if ((o->data != NULL) + (o->upload != NULL) + (o->part_count > 0) + o->head > 1)
        return complain("one of -d, -T, -F, -I");
    return ALL_WELL;
}

int parse(struct options *o, int argc, char **argv)
{
    int c;

    o->session.redirects = -1;
    while ((c = getopt_long(argc, argv, "o:OD:nCRX:Id:H:T:F:u:bLx:Zj:t:m:fs", longs, NULL)) != -1) {
        if (c == HELP)
            return fputs(usage, stdout) < 0 || fflush(stdout) != 0 ? FAILED : ALL_WELL;
        if (c == '?')
            return complain(NULL);
        if (!set(o, c, optarg))
            return complain_of(argv, c);
    }
    if (o->concurrency == 0)
        o->concurrency = 1;
    o->urls = argv + optind;
    o->count = argc - optind;
    o->session.connections = (size_t)o->concurrency;
    o->session.fields = &o->fields;
    return check(o);
}
