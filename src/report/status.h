/*
 * Exit statuses: curl's numbers, where curl has one.  ducat(1), EXIT
 * STATUS.
 */
#ifndef REPORT_STATUS_H
#define REPORT_STATUS_H

enum status {
	STATUS_OK = 0,
	STATUS_ERROR = 1,
	STATUS_USAGE = 2,
	STATUS_RESOLVE = 6,
	STATUS_CONNECT = 7,
	STATUS_DENIED = 9,
	STATUS_WRITE = 23,
	STATUS_READ = 26,
	STATUS_TIMEOUT = 28,
	STATUS_BIND = 45,
	STATUS_SEND = 55,
	STATUS_RECEIVE = 56,
	STATUS_SIZE = 63,
	STATUS_PROXY = 97,
	STATUS_EXEC = 126,
	STATUS_NOT_FOUND = 127
};

/*
 * Its name, for programs; one that is none of these is a command's:
 * "command".
 */
const char *status_name(int status);

#endif
