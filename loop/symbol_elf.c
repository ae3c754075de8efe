/*
 * symbol_elf.c - symbols from the files of the program and its shared objects.
 *
 * The loader says in which object an address lies, and where its file is; that
 * has a table of all functions, static ones too (.symtab), or if it was
 * stripped, of those that others may use (.dynsym).  So the file is mapped, the
 * table gone through, and all is let go of again.
 *
 * The program's own file is /proc/self/exe, which can be opened though it was
 * deleted.  Where another stands at that path (an emulator's, say) or was put
 * in the place of a library, its program headers are not those in memory; then
 * what it says is not believed.
 *
 * A file that is being truncated meanwhile is the one thing not guarded
 * against.
 */
#include "loop/symbol.h"

#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
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

struct file {
    const char *bytes;
    size_t size;
};

/* The `n` bytes that begin at `at`, or NULL if the file has no such. */
static const void *part(const struct file *f, uint64_t at, uint64_t n)
{
    if (at > f->size || n > f->size - at)
        return NULL;
    return f->bytes + at;
}

static bool map(struct file *f, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *bytes = MAP_FAILED;
    struct stat about;

    if (fd < 0)
        return false;
    if (fstat(fd, &about) == 0 && about.st_size > 0)
        bytes =
            mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return false;
    f->bytes = bytes;
    f->size = (size_t)about.st_size;
    return true;
}

/* Is it the file that `o` was loaded from? */
static bool matches(const struct file *f, const struct object *o)
{
    const ElfW(Ehdr) *e = part(f, 0, sizeof *e);
    size_t size = o->n * sizeof *o->headers;
    const void *headers;

    if (e == NULL || memcmp(e->e_ident, ELFMAG, SELFMAG) != 0 ||
        e->e_phnum != o->n)
        return false;
    headers = part(f, e->e_phoff, size);
    return headers != NULL && memcmp(headers, o->headers, size) == 0;
}

/* ---- its symbols ---- */

struct table {
    const ElfW(Sym) * symbols;
    size_t n;
    const char *names;
    size_t size; /* of the names; the last of them ends with a zero */
};

static bool read_table(const struct file *f, const ElfW(Shdr) * symbols,
                       const ElfW(Shdr) * names, struct table *t)
{
    t->symbols = part(f, symbols->sh_offset, symbols->sh_size);
    t->n = symbols->sh_size / sizeof *t->symbols;
    t->names = part(f, names->sh_offset, names->sh_size);
    t->size = names->sh_size;
    return t->symbols != NULL && t->names != NULL && t->size > 0 &&
           t->names[t->size - 1] == '\0';
}

static bool find_table(const struct file *f, ElfW(Word) type, struct table *t)
{
    const ElfW(Ehdr) *e = part(f, 0, sizeof *e);
    const ElfW(Shdr) *s = part(f, e->e_shoff, e->e_shnum * sizeof *s);

    for (size_t i = 0; s != NULL && i < e->e_shnum; i++) {
        if (s[i].sh_type == type && s[i].sh_link < e->e_shnum)
            return read_table(f, &s[i], &s[s[i].sh_link], t);
    }
    return false;
}

/* Is `s` a function around `at`?  Of one without a size only the first byte is
   known to be its. */
static bool covers(const struct table *t, const ElfW(Sym) * s, uintptr_t at)
{
    unsigned type = s->st_info & 0xf;
    uintptr_t size = s->st_size > 0 ? s->st_size : 1;

    return (type == STT_FUNC || type == STT_GNU_IFUNC) &&
           s->st_shndx != SHN_UNDEF && at - s->st_value < size &&
           s->st_name < t->size;
}

/* Of two names for one function the plainer: read rather than __read. */
static bool plainer(const char *a, const char *b)
{
    return strspn(a, "_") < strspn(b, "_");
}

/* The symbol that begins last before `at` and has it inside; or NULL. */
static const ElfW(Sym) * find_symbol(const struct table *t, uintptr_t at)
{
    const ElfW(Sym) *best = NULL;

    for (const ElfW(Sym) *s = t->symbols; s < t->symbols + t->n; s++) {
        if (!covers(t, s, at))
            continue;
        if (best == NULL || s->st_value > best->st_value ||
            (s->st_value == best->st_value &&
             plainer(t->names + s->st_name, t->names + best->st_name)))
            best = s;
    }
    return best;
}

/* ---- together ---- */

static void find_function(const struct file *f, const struct object *o,
                          struct gyre_symbol *s)
{
    const ElfW(Sym) *found = NULL;
    struct table t;

    if (find_table(f, SHT_SYMTAB, &t))
        found = find_symbol(&t, o->address - o->bias);
    if (found == NULL && find_table(f, SHT_DYNSYM, &t))
        found = find_symbol(&t, o->address - o->bias);
    if (found == NULL)
        return;
    gyre_text_copy(s->function, sizeof s->function, t.names + found->st_name);
    s->start = o->bias + found->st_value;
}

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
    struct file f;

    *s = (struct gyre_symbol){.program = false};
    if (dl_iterate_phdr(visit, &o) == 0)
        return;
    s->program = o.visited == 1;
    s->start = o.bias;
    name_object(&o, s);
    if (!map(&f, o.path))
        return;
    if (matches(&f, &o))
        find_function(&f, &o, s);
    munmap((void *)(uintptr_t)f.bytes, f.size);
}
