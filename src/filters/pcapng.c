/* Blocks of a pcapng file. */

#include "config.h"

#include <string.h>

#include "base/utf8.h"
#include "filters/pcapng.h"

/* Types of blocks */
#define SECTION		0x0a0d0d0a
#define INTERFACE	1
#define PACKET		6

/* Codes of options, of which those above 1 are the block's own */
#define OPT_END		0
#define OPT_COMMENT	1
#define SHB_HARDWARE	2
#define SHB_OS		3
#define SHB_USERAPPL	4
#define IF_NAME		2
#define IF_TSRESOL	9
#define EPB_FLAGS	2

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define UNKNOWN_LENGTH	UINT32_MAX	/* twice */
#define NANOSECONDS	9		/* 10^-9 s */
#define INBOUND		1
#define OUTBOUND	2

/* A block that grows. */
struct block {
	unsigned char	*bytes;
	size_t		 used;
};

static void	begin(struct block *, unsigned char *, uint32_t type);
static void	put16(struct block *, unsigned);
static void	put32(struct block *, uint32_t);
static void	pad(struct block *);
static void	put_option(struct block *, unsigned code, const void *, size_t);
static void	put_text(struct block *, unsigned code, const char *);
static size_t	end(struct block *);

size_t
pcapng_section(unsigned char *bytes, const struct pcapng_origin *origin)
{
	struct block block;

	begin(&block, bytes, SECTION);
	put32(&block, BYTE_ORDER_MAGIC);
	put16(&block, 1);
	put16(&block, 0);
	put32(&block, UNKNOWN_LENGTH);
	put32(&block, UNKNOWN_LENGTH);
	put_text(&block, SHB_HARDWARE, origin->hardware);
	put_text(&block, SHB_OS, origin->system);
	put_text(&block, SHB_USERAPPL, origin->program);
	return end(&block);
}

/* The snapshot's length is 0: packets are not cut. */
size_t
pcapng_interface(unsigned char *bytes, unsigned link, const char *name)
{
	const unsigned char resolution = NANOSECONDS;
	struct block block;

	begin(&block, bytes, INTERFACE);
	put16(&block, link);
	put16(&block, 0);
	put32(&block, 0);
	put_text(&block, IF_NAME, name);
	put_option(&block, IF_TSRESOL, &resolution, sizeof(resolution));
	return end(&block);
}

size_t
pcapng_packet(unsigned char *bytes, const struct pcapng_packet *packet)
{
	const uint32_t flags = packet->sent ? OUTBOUND : INBOUND;
	const uint64_t time = (uint64_t)packet->time_ns;
	struct block block;

	begin(&block, bytes, PACKET);
	put32(&block, 0);
	put32(&block, (uint32_t)(time >> 32));
	put32(&block, (uint32_t)(time & UINT32_MAX));
	put32(&block, (uint32_t)packet->size);
	put32(&block, (uint32_t)packet->size);
	block.used += packet->size;
	pad(&block);
	if (packet->comment != NULL)
		put_text(&block, OPT_COMMENT, packet->comment);
	put_option(&block, EPB_FLAGS, &flags, sizeof(flags));
	return end(&block);
}

/* The length is filled in at the end. */
static void
begin(struct block *block, unsigned char *bytes, uint32_t type)
{
	block->bytes = bytes;
	block->used = 0;
	put32(block, type);
	put32(block, 0);
}

static void
put16(struct block *block, unsigned value)
{
	const uint16_t number = (uint16_t)value;

	memcpy(block->bytes + block->used, &number, sizeof(number));
	block->used += sizeof(number);
}

static void
put32(struct block *block, uint32_t number)
{
	memcpy(block->bytes + block->used, &number, sizeof(number));
	block->used += sizeof(number);
}

static void
pad(struct block *block)
{
	while (block->used % 4 != 0)
		block->bytes[block->used++] = 0;
}

static void
put_option(struct block *block, unsigned code, const void *data, size_t size)
{
	put16(block, code);
	put16(block, (unsigned)size);
	memcpy(block->bytes + block->used, data, size);
	block->used += size;
	pad(block);
}

static void
put_text(struct block *block, unsigned code, const char *text)
{
	put_option(block, code, text,
	    utf8_span(text, strnlen(text, PCAPNG_TEXT)));
}

static size_t
end(struct block *block)
{
	uint32_t length;

	put_option(block, OPT_END, "", 0);
	length = (uint32_t)(block->used + sizeof(length));
	put32(block, length);
	memcpy(block->bytes + sizeof(length), &length, sizeof(length));
	return block->used;
}
