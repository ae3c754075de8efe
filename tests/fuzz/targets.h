/*
 * targets.h - the targets, one a subject: see the head of each one's file.
 */
#ifndef TESTS_FUZZ_TARGETS_H
#define TESTS_FUZZ_TARGETS_H

#include <stddef.h>

void fuzz_request(const char *data, size_t n);
void fuzz_response(const char *data, size_t n);
void fuzz_chunked(const char *data, size_t n);
void fuzz_url(const char *data, size_t n);
void fuzz_escape(const char *data, size_t n);
void fuzz_fields(const char *data, size_t n);
void fuzz_form(const char *data, size_t n);
void fuzz_multipart(const char *data, size_t n);
void fuzz_cookie(const char *data, size_t n);
void fuzz_json(const char *data, size_t n);
void fuzz_json_written(const char *data, size_t n);
void fuzz_websocket(const char *data, size_t n);
void fuzz_range(const char *data, size_t n);
void fuzz_server(const char *data, size_t n);
void fuzz_socket(const char *data, size_t n);
void fuzz_client(const char *data, size_t n);

#endif
