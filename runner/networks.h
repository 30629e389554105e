/* Network namespaces made before a job needs one, by a child of the monitor. */
#ifndef BEE_RUNNER_NETWORKS_H
#define BEE_RUNNER_NETWORKS_H

/* The socket that jails take them from (struct jail); -1: each makes its own. The child ends with
 * the monitor. */
int networks_start(void);

#endif
