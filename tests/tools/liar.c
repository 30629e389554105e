/* In the place of bee-gather: a document that is right in length and wrong in bytes. */
#include "gather_msg.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef DOCUMENT
#define DOCUMENT "{\"audit\": \"\x1b]0;owned\x07\"}\n"
#endif

int main(void)
{
	static const char document[] = DOCUMENT;
	struct gather_reply reply = { .document_bytes = sizeof(document) - 1 };
	struct gather_msg msg;

	do
		if (recv(GATHER_SOCKET_FD, &msg, sizeof(msg), 0) != sizeof(msg))
			return 1;
	while (msg.type != GATHER_FINISH);
	if (write(GATHER_DOCUMENT_FD, document, sizeof(document) - 1) < 0)
		return 1;
	close(GATHER_DOCUMENT_FD);
	return send(GATHER_SOCKET_FD, &reply, sizeof(reply), 0) < 0;
}
