/* A file that is whole or not there, written by a process that cannot open any. */
#ifndef BEE_REPORT_WHOLE_FILE_H
#define BEE_REPORT_WHOLE_FILE_H

/*
 * Standard output goes to `path` from here on, in a child, in which this returns; it appears
 * there when the child has ended well, and what was there stays until then. The parent ends
 * with the child's status. Ends the program where no such file can be made.
 */
void whole_file_begin(const char *path);

#endif
