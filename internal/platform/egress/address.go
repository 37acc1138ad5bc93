package egress

import "net/netip"

// special are the ranges that are not globally reachable by the IANA special
// purpose address registries (RFC 6890), and those that embed an IPv4 address,
// behind which such a range could hide.
var special = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network, RFC 791
	netip.MustParsePrefix("10.0.0.0/8"),      // private, RFC 1918
	netip.MustParsePrefix("100.64.0.0/10"),   // carrier NAT, RFC 6598
	netip.MustParsePrefix("127.0.0.0/8"),     // loopback
	netip.MustParsePrefix("169.254.0.0/16"),  // link local and cloud metadata, RFC 3927
	netip.MustParsePrefix("172.16.0.0/12"),   // private
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments, RFC 6890
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation, RFC 5737
	netip.MustParsePrefix("192.31.196.0/24"), // AS112, RFC 7535
	netip.MustParsePrefix("192.52.193.0/24"), // AMT, RFC 7450
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays, RFC 7526
	netip.MustParsePrefix("192.168.0.0/16"),  // private
	netip.MustParsePrefix("192.175.48.0/24"), // AS112, RFC 7534
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks, RFC 2544
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("224.0.0.0/4"),     // multicast
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved and broadcast

	netip.MustParsePrefix("::/96"),             // unspecified, loopback, IPv4-compatible
	netip.MustParsePrefix("64:ff9b::/96"),      // NAT64, embeds IPv4, RFC 6052
	netip.MustParsePrefix("64:ff9b:1::/48"),    // local NAT64, RFC 8215
	netip.MustParsePrefix("100::/64"),          // discard, RFC 6666
	netip.MustParsePrefix("2001::/23"),         // protocol assignments and Teredo, RFC 2928
	netip.MustParsePrefix("2001:db8::/32"),     // documentation, RFC 3849
	netip.MustParsePrefix("2002::/16"),         // 6to4, embeds IPv4, RFC 3056
	netip.MustParsePrefix("2620:4f:8000::/48"), // AS112
	netip.MustParsePrefix("3fff::/20"),         // documentation, RFC 9637
	netip.MustParsePrefix("5f00::/16"),         // segment routing, RFC 9602
	netip.MustParsePrefix("fc00::/7"),          // unique local, RFC 4193
	netip.MustParsePrefix("fe80::/10"),         // link local
	netip.MustParsePrefix("fec0::/10"),         // site local, deprecated, RFC 3879
	netip.MustParsePrefix("ff00::/8"),          // multicast
}

// allowed reports whether the client may connect to a.
func (c Config) allowed(a netip.Addr) bool {
	if !a.IsValid() {
		return false
	}
	a = a.Unmap().WithZone("") // ::ffff:127.0.0.1 is 127.0.0.1, fe80::1%eth0 is link local
	for _, p := range c.Allow {
		if p.Contains(a) {
			return true
		}
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
