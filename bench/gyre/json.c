/*
 * JSON, as an interface of a web application has it: an object of 400 bytes.
 *
 *     json parse TIMES   the text is read, and three values of it found
 *     json write TIMES   the same is written, value by value
 */
#include <string.h>

#include "io/http/json/document.h"
#include "io/http/json/json.h"
#include "bench/bench.h"

static const char text[] =
    "{\"id\":90125,\"name\":\"Ren\\u00e9e \\\"Ray\\\" Dupont\",\"admin\":false,"
    "\"email\":\"renee.dupont@example.org\",\"height\":1.73,\"manager\":null,"
    "\"address\":{\"street\":\"12, rue de la Paix\",\"city\":\"Paris\","
    "\"position\":[48.86915,2.33219]},\"roles\":[\"author\",\"editor\","
    "\"reviewer\",\"translator\"],\"visits\":[3,14,15,92,65,35,89,79,32,38],"
    "\"about\":\"Writes of loops, of events, and of what comes between them;"
    " \xe2\x80\x9cnever twice the same\xe2\x80\x9d.\"}";

static void parse(uint64_t n)
{
    struct gyre_json_document d = {0};
    int64_t sum = 0;

    for (uint64_t i = 0; i < n; i++) {
        const struct gyre_json_value *root, *visits;
        int64_t id = 0, tenth = 0;

        bench_require(gyre_json_parse(&d, gyre_span_of(text), &root) == 0,
                      "parsing");
        visits = gyre_json_get(root, "visits");
        bench_require(gyre_json_as_int(gyre_json_get(root, "id"), &id) == 0 &&
                          gyre_json_as_int(gyre_json_at(visits, 9), &tenth) ==
                              0 &&
                          gyre_json_as_string(gyre_json_get(root, "about")),
                      "finding");
        sum += id + tenth;
    }
    bench_require(sum == (int64_t)n * 90163, "reading the numbers");
    gyre_json_free(&d);
}

static void write_address(struct gyre_json *j)
{
    gyre_json_key(j, "address");
    gyre_json_open(j, '{');
    gyre_json_string(j, "street", "12, rue de la Paix");
    gyre_json_string(j, "city", "Paris");
    gyre_json_key(j, "position");
    gyre_json_open(j, '[');
    gyre_json_double(j, NULL, 48.86915);
    gyre_json_double(j, NULL, 2.33219);
    gyre_json_close(j);
    gyre_json_close(j);
}

static void write_lists(struct gyre_json *j)
{
    static const char *const roles[] = {"author", "editor", "reviewer",
                                        "translator"};
    static const int visits[] = {3, 14, 15, 92, 65, 35, 89, 79, 32, 38};

    gyre_json_key(j, "roles");
    gyre_json_open(j, '[');
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        gyre_json_string(j, NULL, roles[i]);
    gyre_json_close(j);
    gyre_json_key(j, "visits");
    gyre_json_open(j, '[');
    for (size_t i = 0; i < sizeof visits / sizeof visits[0]; i++)
        gyre_json_number(j, NULL, visits[i]);
    gyre_json_close(j);
}

static int write_one(struct gyre_buf *out)
{
    struct gyre_json j;

    gyre_json_init(&j, out);
    gyre_json_open(&j, '{');
    gyre_json_number(&j, "id", 90125);
    gyre_json_string(&j, "name",
                     "Ren\xc3\xa9"
                     "e \"Ray\" Dupont");
    gyre_json_bool(&j, "admin", false);
    gyre_json_string(&j, "email", "renee.dupont@example.org");
    gyre_json_double(&j, "height", 1.73);
    gyre_json_null(&j, "manager");
    write_address(&j);
    write_lists(&j);
    gyre_json_string(&j, "about",
                     "Writes of loops, of events, and of what comes between "
                     "them; \xe2\x80\x9cnever twice the same\xe2\x80\x9d.");
    return gyre_json_close(&j);
}

static void write_all(uint64_t n)
{
    struct gyre_buf out = {0};

    for (uint64_t i = 0; i < n; i++) {
        gyre_buf_cut(&out, 0);
        bench_require(write_one(&out) == 0, "writing");
    }
    bench_require(out.length + 4 == sizeof text - 1, "writing all of it");
    gyre_buf_free(&out);
}

int main(int argc, char **argv)
{
    int parses = argc > 1 && strcmp(argv[1], "parse") == 0;
    uint64_t n = bench_number(argc, argv, 2);
    struct bench b;

    bench_start(&b);
    (parses ? parse : write_all)(n);
    bench_stop(&b);
    bench_print(&b, n);
    return 0;
}
