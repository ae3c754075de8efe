/*
 * mime.h - what kind of content a file has, going by its name.
 */
#ifndef GYRE_IO_HTTP_MIME_H
#define GYRE_IO_HTTP_MIME_H

#pragma GCC visibility push(default)

/*
 * The media type of a file called `path`, as a Content-Type field has it, with
 * UTF-8 for text.  Goes by what follows the last dot of the last name, in any
 * case; "application/octet-stream" if that is missing or unknown.  A constant
 * string.
 */
const char *gyre_http_mime(const char *path);

#pragma GCC visibility pop

#endif
