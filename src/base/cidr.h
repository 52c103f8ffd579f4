/*
 * Ranges of addresses as users write them in lists of who may come in.
 * Names are not looked up here, and which list wins is not known here.
 */
#ifndef BASE_CIDR_H
#define BASE_CIDR_H

#include <stdbool.h>

#include "base/address.h"
#include "base/error.h"

/*
 * Both ends are inside.  The bytes are in network order, an IPv4 address
 * as ::ffff:192.0.2.1 (RFC 4291 2.5.5.2).  The family of low is that of
 * the range, and nothing of the other family is in it: high may stand
 * behind all mapped addresses (::/0), or be one of them (::/80), and the
 * range is of native IPv6 nevertheless.
 */
struct cidr {
	unsigned char	 low[16];
	unsigned char	 high[16];
};

/*
 * Parse an address ("192.0.2.1"), a network ("192.0.2.0/24"), a range
 * ("192.0.2.1-192.0.2.9"), or an IPv4 range by its last number
 * ("192.0.2.1-9"); the first three also for IPv6.
 *
 * Bits behind the prefix are ignored: "192.0.2.7/24" is 192.0.2.0/24.
 * 0.0.0.0/0 is all of IPv4 and nothing else.  ::/0 is all of IPv6 but the
 * IPv4-mapped addresses, though they are in it by the letter: whoever lets
 * in all of IPv6 has said nothing about IPv4.  Mapped addresses are IPv4,
 * and their prefix is 96 to 128 ("::ffff:192.0.2.0/120").
 *
 * ADDRESS_NOT: a host name, perhaps; whether it is well-formed remains to
 * be seen.  ADDRESS_BAD: the empty text, a scope id, what address_parse()
 * calls bad, a name with a prefix, and every text that begins with an
 * address and "-", or has dots and ends in numbers joined by "-"
 * ("127.1-9"), without being a range.  Then *error says why behind the
 * text, made printable; otherwise it is as before.  *cidr is set by
 * ADDRESS_OK only.
 */
enum address_parsed cidr_parse(struct cidr *, const char *text,
    struct error *);

/* The range of this one address; of no IP address: the empty range. */
void	cidr_of(struct cidr *, const struct address *);

/*
 * Is the address in the range?  Port and scope id do not matter; no IP
 * address is in no range.
 */
bool	cidr_contains(const struct cidr *, const struct address *);

#endif
