/*
 * watch [-t MS] [-h SERVER,FOLDER] REPORT OUT ERR PROGRAM ARG...: runs an audit in namespaces of its
 * own, untraced. REPORT gets what inject's gets of the end: status, time, and who is left.
 */
#include "private.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t too_late;

static void on_alarm(int signo)
{
	(void)signo;
	too_late = 1;
}

/* Orphans are ours to reap, as pid 1. */
static int wait_for(pid_t program)
{
	int status;
	pid_t pid;

	do
		pid = waitpid(-1, &status, 0);
	while ((pid > 0 && pid != program) || (pid < 0 && errno == EINTR && !too_late));
	return pid == program ? status : -1;
}

int main(int argc, char **argv)
{
	char *server = NULL, *hang = NULL;
	unsigned long limit = 60000;
	struct itimerval timer = { .it_value = { 0, 0 } };
	struct sigaction action = { .sa_handler = on_alarm };
	FILE *report;
	long long began;
	int option, status;
	pid_t pid;

	while ((option = getopt(argc, argv, "+t:h:")) > 0) {
		if (option == 't')
			limit = strtoul(optarg, NULL, 10);
		else if (option == 'h' && (hang = strchr(optarg, ',')))
			*hang++ = '\0', server = optarg;
		else
			return 2;
	}
	argv += optind;
	if (argc - optind < 4 || !(report = fopen(argv[0], "we")))
		errx(2, "usage: watch [OPTION...] REPORT OUT ERR PROGRAM ARG...");
	private_enter(server, hang);
	(void)sigaction(SIGALRM, &action, NULL);
	timer.it_value.tv_sec = (time_t)(limit / 1000);
	timer.it_value.tv_usec = (suseconds_t)(limit % 1000 * 1000);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
	began = private_now();
	pid = fork();
	if (pid < 0)
		err(2, "fork");
	if (pid == 0)
		private_exec(argv[1], argv[2], argv + 3);
	status = wait_for(pid);
	(void)fprintf(report, "{\"status\": %d, \"took\": %.4f}\n{\"left\": [", status,
		      (double)(private_now() - began) / 1e9);
	private_leftovers(report, 1500);
	(void)fprintf(report, "]}\n");
	return fclose(report) ? 2 : 0;
}
