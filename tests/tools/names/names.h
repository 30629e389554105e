/* Ways to name files: each is one of main's table. Paths are fixed; the test makes them. */
#ifndef BEE_TESTS_NAMES_H
#define BEE_TESTS_NAMES_H

/* Opens it there to be read, and closes it. */
void read_at(int folder, const char *path, int flags);
/* A byte into it. */
void write_all_of(const char *path, int flags);

void anew_names(void);
void bind_names(void);
void chroot_names(void);
void deep_names(void);
void dirfd_names(void);
void edge_names(void);
void fexec_names(void);
void fork_names(void);
void hang_names(void);
void hidden_names(void);
void how_names(void);
void late_names(void);
void loader_names(void);
void long_names(void);
void memory_names(void);
void message_names(void);
void old_names(void);
void outside_names(void);
void passed_names(void);
void pivot_names(void);
void race_names(void);
void rare_names(void);
void relink_names(void);
void remake_names(void);
void roots_names(void);
void self_names(void);
void slow_names(void);
void endless_names(void);
void socket_names(void);
void stat_names(void);
void strange_names(void);
void thread_names(void);
void uring_names(void);
void write_names(void);

#endif
