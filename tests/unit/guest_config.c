/* Config files of guests: what is understood, and that nothing of a shell is. */
#include "config.h"
#include "tap.h"

#include <string.h>

static struct config config;

static void good(const char *text)
{
	guest_config_done(&config);
	if (config_parse(&config, text, strlen(text)))
		tap_fail(__FILE__, __LINE__, "line %u: %s", config.line, config.error);
}

/* Refused in `line`, with words that hold `why`. */
static void bad(const char *text, unsigned line, const char *why)
{
	guest_config_done(&config);
	if (!config_parse(&config, text, strlen(text)))
		tap_fail(__FILE__, __LINE__, "taken: %s", text);
	if (!strstr(config.error, why) || config.line != line)
		tap_fail(__FILE__, __LINE__, "%s: line %u: %s", text, config.line,
			 config.error);
	guest_config_done(&config);
}

static void words_are(size_t i, const char *name, const char *wanted)
{
	char text[512] = "";

	CHECK(i < config.count);
	CHECK_STR(config.values[i].name, name);
	for (size_t w = 0; w < config.values[i].words.count; w++) {
		strcat(text, w ? "|" : "");
		strcat(text, config.values[i].words.at[w]);
	}
	CHECK_STR(text, wanted);
}

/* As seed and manual of subhost and of its successor have them. */
static void test_examples(void)
{
	good("DISKS=( vda:1:/disks/disk1.raw vdb:1:/disks/disk2.raw )\n"
	     "BRIDGES=( homenet:06:a7:dd:b4:02:f2 )\n");
	CHECK_INT(config.count, 2);
	words_are(0, "DISKS", "vda:1:/disks/disk1.raw|vdb:1:/disks/disk2.raw");
	words_are(1, "BRIDGES", "homenet:06:a7:dd:b4:02:f2");
	CHECK(config.values[0].list);
	good("BASE=/opt/sub\nLOWER=/ # the machine's "
	     "own\nUPPER=root\nCABLES=\"a=06:a7:dd:b4:02:f2 b=\"");
	CHECK_INT(config.count, 4);
	words_are(3, "CABLES", "a=06:a7:dd:b4:02:f2 b=");
	CHECK_INT(config.values[3].line, 4);
}

static void test_forms(void)
{
	good("");
	CHECK_INT(config.count, 0);
	good("\n  # comment = $(x)\n\t\nA=\nB=''\nC=a'b c'\"d e\"f\n");
	CHECK_INT(config.count, 3);
	words_are(0, "A", "");
	words_are(2, "C", "ab cd ef");
	good("L=(\n one # 1\n\n 'two 2'\n)\nM=()");
	words_are(0, "L", "one|two 2");
	words_are(1, "M", "");
}

static void test_shell(void)
{
	bad("A=$(reboot)", 1, "'$' is for a shell");
	bad("\n\nA=`reboot`", 3, "'`' is for a shell");
	bad("A=\"$HOME\"", 1, "'$' is for a shell");
	bad("A=\"a\\\"b\"", 1, "'\\' is for a shell");
	bad("A=b; reboot", 1, "';' is for a shell");
	bad("A=b && reboot", 1, "'&' is for a shell");
	bad("A=( b | c )", 1, "'|' is for a shell");
	bad("A=(b\n\n>c)", 3, "'>' is for a shell");
	bad("A=b reboot", 1, "'r' is for a shell");
	bad("A=(b)c", 1, "'c' is for a shell");
	bad("A=*", 1, "'*' is for a shell");
	bad("A=~root", 1, "'~' is for a shell");
	bad("A+=b", 1, "'+' is for a shell");
	bad("A[0]=b", 1, "'[' is for a shell");
	bad("{ A=b; }", 1, "'{' is for a shell");
	bad("export A=b", 1, "no assignment");
	bad("source /etc/x", 1, "no assignment");
	bad(". /etc/x", 1, "'.' is for a shell");
	bad("if true\nthen A=b\nfi", 1, "no assignment");
	bad("A", 1, "no assignment");
	bad("A =b", 1, "' ' is for a shell");
	bad("a=b", 1, "no assignment");
}

static void test_garbled(void)
{
	bad("A='b", 1, "does not end");
	bad("A='b\n'", 1, "does not end");
	bad("A=(\nb", 2, "A=( of line 1 has no end");
	bad("A=1\nB=2\nA=3", 3, "A is set in line 1 already");
	bad("A=\x01", 1, "byte 0x01");
	bad("A='\x1b[2J'", 1, "byte 0x1b");
	bad("A=\xff", 1, "byte 0xff");
	bad("A=b\r\n", 1, "byte 0x0d");
	CHECK(config_parse(&config, "A=b\0c", 5));
	CHECK_STR(config.error, "byte 0x00 has no place here");
}

static void test_caps(void)
{
	char text[70000] = "A=(";
	size_t len = strlen(text);

	for (int i = 0; i < 257; i++)
		len += (size_t)sprintf(text + len, " w");
	(void)strcpy(text + len, ")");
	bad(text, 1, "more than 256 words");
	memset(text, 'A', 5000);
	(void)strcpy(text, "A=");
	text[2] = 'A';
	text[5000] = '\0';
	bad(text, 1, "a word over 4095 bytes");
	len = 0;
	for (int i = 0; i < 65; i++)
		len += (size_t)sprintf(text + len, "A%c%c=\n", 'A' + i / 26,
				       'A' + i % 26);
	bad(text, 65, "more than 64 assignments");
}

static void test_names(void)
{
	static const char *const taken[] = { "a", "web", "Web-1", "x_y.z",
					     "123456789012" };
	static const char *const refused[] = { "",        ".",   "..",
					       "-a",      "_a",  "a/b",
					       "a b",     "a\n", "1234567890123",
					       "\xc3\xa4" };

	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		CHECK(guest_name_good(taken[i]));
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		CHECK(!guest_name_good(refused[i]));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "the examples of subhost are understood", test_examples, 0 },
		{ "comments, quotes and lists over lines are, too", test_forms, 0 },
		{ "what a shell would expand or run is refused, with its line",
		  test_shell, 0 },
		{ "what is cut or garbled is refused", test_garbled, 0 },
		{ "nothing is without a limit", test_caps, 0 },
		{ "a guest's name is one of a folder and of an interface", test_names,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
