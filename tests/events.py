# Are all lines of these files events as ducat-events(5) has them, and does
# each tell of one run, whole?  events.py [-k KILLED] FILE...: of the process
# ids in KILLED, one a line, no end is asked for; they stand in the files'
# names, TEST.PID.GROUP.TIME.  All that is wrong is told.
import json, re, sys

NAMES = ('ok error usage resolve connect denied write read timeout bind send '
         'receive size proxy exec').split()
TEXT, COUNT, SECONDS, GROUP, TEXTS = str, int, float, dict, list
MEMBERS = {
    'conn': COUNT, 'local': TEXT, 'peer': TEXT, 'pid': COUNT, 'uid': COUNT,
    'gid': COUNT, 'sent': COUNT, 'received': COUNT, 'seconds': SECONDS,
    'status': COUNT, 'name': TEXT, 'errno': TEXT, 'message': TEXT,
    'reason': TEXT, 'lines': COUNT, 'connections': COUNT,
    'records_sent': COUNT, 'records_received': COUNT, 'records_lost': COUNT,
    'sent_by': GROUP, 'received_by': GROUP, 'tcp': GROUP, 'target_tcp': GROUP,
    'host': TEXT, 'addresses': TEXTS, 'from': TEXT, 'direction': TEXT,
    'algorithm': TEXT, 'digest': TEXT,
}
WAYS = set('splice copy records command'.split())
PATH = set('rtt_us rttvar_us retransmits retransmitted lost reordered '
           'delivery_rate cwnd mss busy_us rwnd_limited_us sndbuf_limited_us '
           'congestion'.split())
# What each must have, and what it may have besides.
EVENTS = {
    'listening': ('local', ''),
    'resolved': ('host addresses seconds', 'conn'),
    'attempt': ('peer seconds message', 'conn errno'),
    'connected': ('seconds', 'conn local peer pid uid gid'),
    'accepted': ('', 'conn local peer pid uid gid'),
    'denied': ('', 'conn local peer pid uid gid'),
    'eof': ('from sent received seconds', 'conn local peer'),
    'digest': ('direction algorithm digest', 'conn local peer'),
    'closed': ('sent received seconds reason sent_by received_by',
               'conn local peer records_sent records_received records_lost '
               'tcp target_tcp'),
    'error': ('status name message', 'conn errno'),
    'warning': ('message', 'conn'),
    'stats': ('sent received seconds sent_by received_by',
              'conn local peer connections records_sent records_received '
              'records_lost tcp target_tcp'),
    'dropped': ('lines', ''),
    'exit': ('status name', ''),
}
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z')


def check(line):
    assert line.endswith(b'\n'), 'cut off'
    event = json.loads(line.decode('utf-8'))
    assert event.pop('v') == 1
    assert TIME.fullmatch(event.pop('time'))
    name = event.pop('event')
    needed, more = (set(words.split()) for words in EVENTS[name])
    assert needed <= set(event) <= needed | more, sorted(event)
    for member, value in event.items():
        assert isinstance(value, MEMBERS[member]), member
        assert MEMBERS[member] not in (COUNT, SECONDS) or value >= 0, member
    if 'addresses' in event:
        assert event['addresses']
        assert all(isinstance(one, str) for one in event['addresses'])
    if 'errno' in event:
        assert re.fullmatch('E[0-9A-Z]+', event['errno']), event['errno']
    if name == 'digest':
        assert event['direction'] in ('sent', 'received')
    if name == 'eof':
        assert event['from'] in ('us', 'peer')
    check_numbers(event)
    if name == 'closed':
        assert event['reason'] in NAMES + ['signal']
    if name == 'error':
        assert event['name'] in NAMES[1:] and event['status'] > 0
    if name == 'exit':
        assert event['name'] in NAMES + ['command', 'signal']
        assert (event['status'] == 0) == (event['name'] == 'ok')
    return dict(event, event=name)


# All bytes went some way, and of paths there are figures.
def check_numbers(event):
    for side in 'sent', 'received':
        if side + '_by' not in event:
            continue
        ways = event[side + '_by']
        assert set(ways) <= WAYS and all(n > 0 for n in ways.values())
        assert sum(ways.values()) == event.get(side, 0), side
    for path in event.get('tcp', {}), event.get('target_tcp', {}):
        assert set(path) <= PATH, sorted(path)
        for name, value in path.items():
            assert isinstance(value, TEXT if name == 'congestion' else COUNT)
            assert name == 'congestion' or value >= 0, name


# What the events of one run say together.
def check_run(events):
    names = [event['event'] for event in events]
    assert 'exit' in names, 'no exit at the end'
    assert names.index('exit') == len(names) - 1, 'something behind exit'
    dropped = 'dropped' in names
    errors = [event for event in events if event['event'] == 'error']
    seen = [event['conn'] for event in errors if 'conn' in event]
    assert len(seen) == len(set(seen)), 'a connection that fails twice'
    for end in ('eof', 'closed'):
        seen = [(event['conn'], event.get('from')) for event in events
                if event['event'] == end and 'conn' in event]
        assert len(seen) == len(set(seen)), 'a connection that ends twice'
    last = events[-1]
    if last['name'] in ('ok', 'command', 'signal') or dropped:
        return
    assert last['status'] in [event['status'] for event in errors], \
        'no error for the exit'
    # Of a listener, clients fail for themselves.
    own = [event for event in errors
           if 'listening' not in names or 'conn' not in event]
    # Files that cannot be written are no end to a connection.
    own = [event for event in own if 'conn' in event or
           event['status'] != 23]
    assert len(own) <= 1, '%d errors of one run' % len(own)


def check_file(file, killed):
    events = []
    whole = not killed & set(file.rsplit('/')[-1].split('.')[1:3])
    for line in open(file, 'rb'):
        try:
            events.append(check(line))
        except Exception as why:
            if whole or line.endswith(b'\n'):
                return '%r: %r' % (line, why)
    try:
        if whole or (events and events[-1]['event'] == 'exit'):
            check_run(events)
    except AssertionError as why:
        return '%s: %s' % (why, ' '.join(map(str, events[-3:])))


files = sys.argv[1:]
killed = set()
if files[:1] == ['-k']:
    killed = set(open(files[1]).read().split())
    files = files[2:]
wrong = 0
for file in files:
    why = check_file(file, killed)
    if why:
        print('%s: %s' % (file, why))
        wrong += 1
sys.exit(wrong > 0)
