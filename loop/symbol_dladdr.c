/*
 * symbol_dladdr.c - symbols as the loader knows them: those that are exported.
 *
 * A static function, or one that the program does not export, is told by where
 * in its object it lies, and on some systems as an offset from an exported one
 * before it.  Which object is the program dladdr does not say, so none is taken
 * for it.
 */
#include "loop/symbol.h"

#include <dlfcn.h>
#include <string.h>

#include "loop/text.h"

void gyre_symbol_find(const void *address, struct gyre_symbol *s)
{
    const char *folders;
    Dl_info info;

    *s = (struct gyre_symbol){.program = false};
    if (dladdr(address, &info) == 0 || info.dli_fname == NULL)
        return;
    folders = strrchr(info.dli_fname, '/');
    gyre_text_copy(s->object, sizeof s->object,
                   folders != NULL ? folders + 1 : info.dli_fname);
    s->start = (uintptr_t)info.dli_fbase;
    if (info.dli_sname == NULL)
        return;
    gyre_text_copy(s->function, sizeof s->function, info.dli_sname);
    s->start = (uintptr_t)info.dli_saddr;
}
