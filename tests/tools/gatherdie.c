/*
 * In the place of bee-gather: dies after so many messages. It is started without a word of its own,
 * so the number is in the program: sed 's/DIE-AFTER-000/DIE-AFTER-005/'.
 */
#include "gather_msg.h"

#include <sys/socket.h>

int main(void)
{
	static const volatile char after[] = "DIE-AFTER-000";
	unsigned left = 0;
	struct gather_msg msg;

	for (size_t i = sizeof("DIE-AFTER-") - 1; i < sizeof(after) - 1; i++)
		left = left * 10 + (unsigned)(after[i] - '0');
	while (left-- > 0)
		if (recv(GATHER_SOCKET_FD, &msg, sizeof(msg), 0) != sizeof(msg))
			return 1;
	return 0;
}
