/* Which libuv this is, and the bytes of its handles, as its own `sizes`. */
#include <stdio.h>
#include <uv.h>

int main(void)
{
    printf("version=%s timer=%zu tcp=%zu idle=%zu async=%zu write=%zu "
           "loop=%zu\n",
           uv_version_string(), sizeof(uv_timer_t), sizeof(uv_tcp_t),
           sizeof(uv_idle_t), sizeof(uv_async_t), sizeof(uv_write_t),
           sizeof(uv_loop_t));
    return 0;
}
