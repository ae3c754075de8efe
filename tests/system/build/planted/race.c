/* Two threads count with one plain int. */
#include <criterion/criterion.h>

#include <pthread.h>

static int counter;

static void *count(void *arg)
{
    (void)arg;
    for (int i = 0; i < 1000; i++)
        counter++;
    return NULL;
}

Test(planted, race)
{
    pthread_t one, two;

    cr_assert_eq(pthread_create(&one, NULL, count, NULL), 0);
    cr_assert_eq(pthread_create(&two, NULL, count, NULL), 0);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
}
