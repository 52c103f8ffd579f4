/* The counters of all sessions, at times, as progress. */

#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/descriptor.h"
#include "net/signals.h"
#include "net/socket.h"
#include "session/gauge.h"

/* Between two lines on a terminal; where nothing moves; in a log. */
#define MOVING_NS	(100 * CLOCK_MS)
#define IDLE_NS		CLOCK_SECOND
#define LOG_NS		CLOCK_SECOND

/* What a rate is of. */
#define RATE_NS		CLOCK_SECOND

static uint64_t	size_of_input(const struct rules *);
static bool	outputs_beside(const struct surroundings *);
static bool	both_control_us(void);
static void	start(struct gauge *, int64_t);
static int64_t	interval(const struct gauge *, bool moving);
static void	tell(struct gauge *, int64_t, bool last);
static void	set_rate(struct gauge *, int64_t, uint64_t moved);
static void	set_size(const struct gauge *, struct progress *);
static void	await(struct gauge *, int64_t until);

void
gauge_init(struct gauge *gauge, const struct gauge_plan *plan,
    struct surroundings *around, const struct sessions *sessions, int kind)
{
	owner_init(&gauge->owner, kind);
	if (plan->form == PROGRESS_NONE)
		return;
	report_open_progress(around->report, plan->form == PROGRESS_PLAIN);
	around->gauge = gauge;
	gauge->around = around;
	gauge->sessions = sessions;
	gauge->size = plan->size;
	gauge->wanted = !plan->detached || !report_has_line(around->report);
	if (gauge->size == 0) {
		gauge->size = size_of_input(around->rules);
		gauge->of_input = true;
	}
	if (!report_has_line(around->report))
		return;
	gauge->beside_output = outputs_beside(around);
	signals_add(SIGWINCH);
}

/* What is left of a regular file that becomes payload as it is. */
static uint64_t
size_of_input(const struct rules *rules)
{
	const struct datagram_rules *datagrams = &rules->datagrams;
	struct stat st;
	off_t at;

	if (rules->near != NEAR_STANDARD || rules->recv_only ||
	    rules->crlf || rules->telnet)
		return 0;
	if (rules->type == SOCK_DGRAM && rules->listening &&
	    !datagrams->replies)
		return 0;
	if (rules->type != SOCK_STREAM && !datagrams->sending.framer.ops->bare)
		return 0;
	if (fstat(STDIN_FILENO, &st) == -1 || !S_ISREG(st.st_mode))
		return 0;
	at = lseek(STDIN_FILENO, 0, SEEK_CUR);
	return at == -1 || at >= st.st_size ? 0 : (uint64_t)(st.st_size - at);
}

/* Does standard output go to the terminal on which the line is? */
static bool
outputs_beside(const struct surroundings *around)
{
	struct stat output, line;

	return around->output.ops != NULL && !around->rules->send_only &&
	    around->output.wkind == DESCRIPTOR_TERMINAL &&
	    fstat(STDOUT_FILENO, &output) == 0 &&
	    fstat(STDERR_FILENO, &line) == 0 &&
	    (output.st_rdev == line.st_rdev || both_control_us());
}

/* A terminal can be /dev/tty as well; a session has only one. */
static bool
both_control_us(void)
{
	pid_t session = tcgetsid(STDOUT_FILENO);

	return session != -1 && tcgetsid(STDERR_FILENO) == session;
}

/* The line goes before the first byte that comes for the same terminal. */
void
gauge_precede(struct gauge *gauge, const struct session *session)
{
	const struct stream *far = &session->far.own;

	if (!gauge->running || !gauge->beside_output ||
	    !report_has_line(gauge->around->report))
		return;
	if ((watch_fired(gauge->around->watch, far->rfd) & WATCH_READ) &&
	    socket_has_bytes(far->rfd))
		report_yield_line(gauge->around->report);
}

void
gauge_follow(struct gauge *gauge, const struct session *session)
{
	uint64_t sent, received;

	if (!gauge->wanted || gauge->running)
		return;
	session_counts(session, &sent, &received);
	/* What came in the same turn stands there already. */
	if (received > 0 && gauge->beside_output &&
	    report_has_line(gauge->around->report))
		report_yield_line(gauge->around->report);
	if (session->around->rules->type == SOCK_DGRAM) {
		if (sent > 0 || received > 0)
			start(gauge, watch_time(gauge->around->watch));
	} else if (session->stage == SESSION_GIVEN ||
	    session->out.source != NULL) {
		start(gauge, session->started);
	}
}

static void
start(struct gauge *gauge, int64_t now)
{
	gauge->running = true;
	gauge->started = now;
	gauge->told_at = now;
	gauge->mark_at = now;
	await(gauge, now + interval(gauge, true));
}

void
gauge_advance(struct gauge *gauge)
{
	int64_t now = watch_time(gauge->around->watch);
	uint64_t before = gauge->told;

	if (!gauge->running)
		return;
	tell(gauge, now, false);
	await(gauge, now + interval(gauge, gauge->told != before));
}

static int64_t
interval(const struct gauge *gauge, bool moving)
{
	if (!report_has_line(gauge->around->report))
		return LOG_NS;
	return moving ? MOVING_NS : IDLE_NS;
}

void
gauge_redraw(struct gauge *gauge)
{
	if (gauge->running)
		await(gauge, gauge->told_at + MOVING_NS);
}

void
gauge_finish(struct gauge *gauge)
{
	if (!gauge->running)
		return;
	tell(gauge, clock_now(), true);
	gauge->running = false;
	gauge->wanted = false;
}

/* In a log there is nothing to be said where nothing moved. */
static void
tell(struct gauge *gauge, int64_t now, bool last)
{
	struct progress progress = {
		.elapsed_ns = now - gauge->started, .last = last
	};
	uint64_t moved;
	bool quiet;

	sessions_count(gauge->sessions, &progress.sent, &progress.received);
	moved = progress.sent + progress.received;
	quiet = moved == gauge->told && !report_has_line(gauge->around->report);
	gauge->told = moved;
	gauge->told_at = now;
	set_rate(gauge, now, moved);
	progress.rate = last ? progress_rate(moved, progress.elapsed_ns) :
	    gauge->rate;
	set_size(gauge, &progress);
	if (last || !quiet)
		report_progress(gauge->around->report, &progress);
}

/* Of the last second; before there is one, on average. */
static void
set_rate(struct gauge *gauge, int64_t now, uint64_t moved)
{
	if (gauge->mark_at == gauge->started ||
	    now - gauge->mark_at >= RATE_NS)
		gauge->rate = progress_rate(moved - gauge->mark,
		    now - gauge->mark_at);
	if (now - gauge->mark_at < RATE_NS)
		return;
	gauge->mark_at = now;
	gauge->mark = moved;
}

/* The size is that of the way which moved more. */
static void
set_size(const struct gauge *gauge, struct progress *progress)
{
	bool receives = progress->received > progress->sent;

	progress->done = receives ? progress->received : progress->sent;
	progress->size = receives && gauge->of_input ? 0 : gauge->size;
}

static void
await(struct gauge *gauge, int64_t until)
{
	struct watch *watch = gauge->around->watch;

	watch_begin(watch, &gauge->owner);
	watch_until(watch, until);
	watch_end(watch, &gauge->owner);
}
