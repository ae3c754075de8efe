/* Does not come to its end. */
#include <criterion/criterion.h>

#include <unistd.h>

Test(planted, hang)
{
    for (;;)
        pause();
}
