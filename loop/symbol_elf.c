/*
 * symbol_elf.c - symbols from the files of the program and its shared objects.
 *
 * The loader says in which object an address lies, and where its file is; that
 * has a table of all functions, static ones too (.symtab), or if it was
 * stripped, of those that others may use (.dynsym).  So the file is opened, the
 * table gone through, and all is let go of again.  It is read and not mapped:
 * that is faster for small tables, and harmless where somebody truncates it.
 *
 * The program's own file is /proc/self/exe, which can be opened though it was
 * deleted.  Where another stands at that path (an emulator's, say) or was put
 * in the place of a library, its program headers are not those in memory; then
 * what it says is not believed.
 */
#include "loop/symbol.h"

#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "loop/text.h"

/* ---- which object ---- */

/* The one that an address lies in, as the loader sees it. */
struct object {
    uintptr_t address;
    unsigned visited; /* objects so far; the first is the program */
    const char *path; /* NULL until it is found */
    uintptr_t bias;   /* where it was put, less where it was linked to be */
    const ElfW(Phdr) * headers;
    size_t n;
};

static bool spans(const struct dl_phdr_info *info, uintptr_t address)
{
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];

        if (h->p_type == PT_LOAD &&
            address - info->dlpi_addr - h->p_vaddr < h->p_memsz)
            return true;
    }
    return false;
}

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct object *o = arg;

    (void)size;
    o->visited++;
    if (!spans(info, o->address))
        return 0;
    o->path = o->visited == 1 ? "/proc/self/exe" : info->dlpi_name;
    o->bias = info->dlpi_addr;
    o->headers = info->dlpi_phdr;
    o->n = info->dlpi_phnum;
    return 1;
}

/* ---- its file ---- */

/* The `n` bytes at `at`; false if the file has no such. */
static bool read_at(int fd, uint64_t at, void *bytes, size_t n)
{
    return pread(fd, bytes, n, (off_t)at) == (ssize_t)n;
}

/* Is it the file that `o` was loaded from? */
static bool matches(int fd, const struct object *o, ElfW(Ehdr) * e)
{
    ElfW(Phdr) h;

    if (!read_at(fd, 0, e, sizeof *e) || e->e_phnum != o->n ||
        memcmp(e->e_ident, ELFMAG, SELFMAG) != 0)
        return false;
    for (size_t i = 0; i < o->n; i++)
        if (!read_at(fd, e->e_phoff + i * sizeof h, &h, sizeof h) ||
            memcmp(&h, &o->headers[i], sizeof h) != 0)
            return false;
    return true;
}

/* ---- its symbols ---- */

/* A table of symbols, and where the file has the names of these. */
struct table {
    int fd;
    ElfW(Shdr) symbols;
    ElfW(Shdr) names;
};

/* From the end, for .symtab is one of the last sections. */
static bool find_table(struct table *t, const ElfW(Ehdr) * e, ElfW(Word) type)
{
    size_t size = sizeof t->symbols;

    for (size_t i = e->e_shnum; i-- > 0;) {
        if (!read_at(t->fd, e->e_shoff + i * size, &t->symbols, size))
            return false;
        if (t->symbols.sh_type == type)
            return read_at(t->fd, e->e_shoff + t->symbols.sh_link * size,
                           &t->names, size);
    }
    return false;
}

/* The name of `s`, cut off where the room ends; empty if it has none. */
static void read_name(const struct table *t, const ElfW(Sym) * s, char *name,
                      size_t size)
{
    ssize_t n =
        pread(t->fd, name, size - 1, (off_t)(t->names.sh_offset + s->st_name));

    name[n < 0 ? 0 : n] = '\0';
}

/* Is `s` a function around `at`?  Of one without a size only the first byte is
   known to be its. */
static bool covers(const ElfW(Sym) * s, uintptr_t at)
{
    unsigned type = s->st_info & 0xf;
    uintptr_t size = s->st_size > 0 ? s->st_size : 1;

    return (type == STT_FUNC || type == STT_GNU_IFUNC) &&
           s->st_shndx != SHN_UNDEF && at - s->st_value < size;
}

/* How far a name is from what people write: read before __read, and before
   read.localalias, which is a compiler's. */
static size_t strangeness(const char *name)
{
    return strspn(name, "_") + (strchr(name, '.') != NULL ? 1 : 0);
}

/* Of two functions around one place that which begins later; of two names for
   one function the plainer. */
static bool fits_better(const struct gyre_symbol *a,
                        const struct gyre_symbol *b)
{
    if (a->start != b->start)
        return a->start > b->start;
    return strangeness(a->function) < strangeness(b->function);
}

/* Take `found`, which is of the object `best` is of, if it fits better. */
static void consider(const struct table *t, const ElfW(Sym) * found,
                     uintptr_t bias, struct gyre_symbol *best)
{
    struct gyre_symbol s = *best;

    s.start = bias + found->st_value;
    read_name(t, found, s.function, sizeof s.function);
    if (best->function[0] == '\0' || fits_better(&s, best))
        *best = s;
}

/* Go through the table, a handful of symbols at a time. */
static void search(const struct table *t, const struct object *o,
                   struct gyre_symbol *best)
{
    ElfW(Sym) some[64];
    uint64_t at = t->symbols.sh_offset, end = at + t->symbols.sh_size;

    while (at < end) {
        size_t size = end - at < sizeof some ? end - at : sizeof some;

        if (!read_at(t->fd, at, some, size))
            return;
        for (size_t i = 0; i < size / sizeof *some; i++)
            if (covers(&some[i], o->address - o->bias))
                consider(t, &some[i], o->bias, best);
        at += size;
    }
}

static void find_function(int fd, const struct object *o, struct gyre_symbol *s)
{
    struct table t = {.fd = fd};
    ElfW(Ehdr) e;

    if (!matches(fd, o, &e))
        return;
    if (find_table(&t, &e, SHT_SYMTAB))
        search(&t, o, s);
    if (s->function[0] == '\0' && find_table(&t, &e, SHT_DYNSYM))
        search(&t, o, s);
}

/* ---- together ---- */

/* Of the program: what the path was that it was started from. */
static void read_own_path(const char *link, char *path, size_t size)
{
    ssize_t n = readlink(link, path, size - 1);
    char *deleted;

    path[n < 0 ? 0 : n] = '\0';
    deleted = strstr(path, " (deleted)");
    if (deleted != NULL)
        *deleted = '\0';
}

static void name_object(const struct object *o, struct gyre_symbol *s)
{
    const char *name = o->path, *folders;
    char path[1024];

    if (s->program) {
        read_own_path(o->path, path, sizeof path);
        name = path;
    }
    folders = strrchr(name, '/');
    if (folders != NULL)
        name = folders + 1;
    gyre_text_copy(s->object, sizeof s->object,
                   name[0] != '\0' ? name : "program");
}

void gyre_symbol_find(const void *address, struct gyre_symbol *s)
{
    struct object o = {.address = (uintptr_t)address};
    int fd;

    *s = (struct gyre_symbol){.program = false};
    if (dl_iterate_phdr(visit, &o) == 0)
        return;
    s->program = o.visited == 1;
    s->start = o.bias;
    name_object(&o, s);
    fd = open(o.path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    find_function(fd, &o, s);
    close(fd);
}
