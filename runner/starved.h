/*
 * Starved is not sick: whether a job that is out of time had no processor, and whether the
 * machine has one for another job.
 */
#ifndef BEE_RUNNER_STARVED_H
#define BEE_RUNNER_STARVED_H

#include "job.h"

/*
 * Starts children that ask about those of the running jobs whose deadline is near. They read
 * /proc of the jobs' processes, which can hang: nobody waits for them for longer than 100 ms.
 */
void starved_ask(struct job *const *running, size_t count);
/* Nothing of that is still to come: at its deadline the job can be ended. */
bool starved_known(const struct job *job);
/*
 * When the job has to be looked after next: before its deadline, to ask; then at it, or as soon
 * after it as there is an answer.
 */
nsec_t starved_when(const struct job *job);
/*
 * True when it is known that a process of the job could have run at its deadline, that none
 * hung, and that together they had waited for a processor longer than they had one.
 */
bool starved_was(const struct job *job);
/*
 * True when another job beside `running` ones would only make them wait: there are some for
 * each processor, and the machine has more processes that could run than it is good for. Jobs
 * that wait for devices do not count.
 */
bool starved_machine(size_t running);

#endif
