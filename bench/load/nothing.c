/*
 * A program that is trivial, to be run by others: it says a line, and exits
 * with 42.
 */
#include <unistd.h>

int main(void)
{
    return write(STDOUT_FILENO, "hello\n", 6) == 6 ? 42 : 1;
}
