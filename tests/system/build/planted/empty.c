/* Holds no test at all. */
#include <criterion/criterion.h>

void planted_nothing(void);

void planted_nothing(void)
{
}
