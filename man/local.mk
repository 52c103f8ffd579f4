dist_man_MANS += man/ducat.1 man/ducat-listen.1 man/ducat-connect.1 \
	man/ducat-udp-send.1 man/ducat-udp-recv.1 man/ducat-unix.1 \
	man/ducat-events.5
