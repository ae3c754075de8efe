/*
 * gyre.h - all of Gyre: an event-loop runtime for C.
 *
 * Straight-line code in cancellable tasks, over an event loop of its own, with
 * a thin HTTP module on top.  The floors, from the top:
 *
 *      io/http/    messages over streams
 *      io/         descriptors, streams, names
 *      task/       things that can wait
 *      loop/       callbacks, when ready
 *      timers/     callbacks, when due
 *
 * Each header describes what it declares; docs/tour.md says in which order to
 * read them.
 */
#ifndef GYRE_H
#define GYRE_H

#include <errno.h> /* what may go wrong is told by these codes, negated */

#ifdef __cplusplus
extern "C" {
#endif

#include "timers/time.h"
#include "timers/timers.h"
#include "loop/allocator.h"
#include "loop/job.h"
#include "loop/list.h"
#include "loop/look.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "loop/poller.h"
#include "loop/probe.h"
#include "loop/random.h"
#include "loop/result.h"
#include "loop/signal.h"
#include "loop/sim.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "task/account.h"
#include "task/defer.h"
#include "task/future.h"
#include "task/gather.h"
#include "task/hold.h"
#include "task/local.h"
#include "task/offload.h"
#include "task/pool.h"
#include "task/portal.h"
#include "task/scope.h"
#include "task/start.h"
#include "task/task.h"
#include "task/tasks.h"
#include "task/wait.h"
#include "task/waiters.h"
#include "task/sync/barrier.h"
#include "task/sync/channel.h"
#include "task/sync/condition.h"
#include "task/sync/event.h"
#include "task/sync/many.h"
#include "task/sync/mutex.h"
#include "task/sync/once.h"
#include "task/sync/queue.h"
#include "task/sync/rwlock.h"
#include "task/sync/select.h"
#include "task/sync/semaphore.h"
#include "task/sync/signals.h"
#include "task/show/accounts.h"
#include "task/show/blocks.h"
#include "task/show/dump.h"
#include "task/show/histogram.h"
#include "task/show/stacks.h"
#include "task/show/step.h"
#include "task/show/trace.h"
#include "task/run/run.h"
#include "task/run/threads.h"
#include "task/sim/explore.h"
#include "task/sim/inject.h"
#include "io/accepting.h"
#include "io/addr.h"
#include "io/buf.h"
#include "io/connecting.h"
#include "io/datagram.h"
#include "io/detach.h"
#include "io/fd.h"
#include "io/line.h"
#include "io/memory.h"
#include "io/mishap.h"
#include "io/pipe.h"
#include "io/reading.h"
#include "io/receiving.h"
#include "io/relay.h"
#include "io/resolver.h"
#include "io/server.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "io/tcp_options.h"
#include "io/terminal.h"
#include "io/unix.h"
#include "io/writer.h"
#include "io/writing.h"
#include "io/file/file.h"
#include "io/file/folder.h"
#include "io/file/path.h"
#include "io/file/temporary.h"
#include "io/file/watcher.h"
#include "io/file/watching.h"
#include "io/file/whole.h"
#include "io/process/communicate.h"
#include "io/process/ending.h"
#include "io/process/process.h"
#include "io/http/base64.h"
#include "io/http/basic.h"
#include "io/http/body.h"
#include "io/http/compose.h"
#include "io/http/cookie.h"
#include "io/http/date.h"
#include "io/http/escape.h"
#include "io/http/fields.h"
#include "io/http/form.h"
#include "io/http/head.h"
#include "io/http/mime.h"
#include "io/http/multipart.h"
#include "io/http/span.h"
#include "io/http/url.h"
#include "io/http/json/document.h"
#include "io/http/json/json.h"
#include "io/http/server/access.h"
#include "io/http/server/beneath.h"
#include "io/http/server/files.h"
#include "io/http/server/content.h"
#include "io/http/server/events.h"
#include "io/http/server/request.h"
#include "io/http/server/route.h"
#include "io/http/server/server.h"
#include "io/http/client/client.h"
#include "io/http/client/content.h"
#include "io/http/client/jar.h"
#include "io/http/client/response.h"
#include "io/http/client/save.h"
#include "io/http/client/trace.h"
#include "io/http/websocket/frame.h"
#include "io/http/websocket/websocket.h"
#include "io/http/testing/testing.h"

#ifdef __cplusplus
}
#endif

#endif
