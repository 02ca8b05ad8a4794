# Puts a command line to Belt's agents, and is the near end of its streams where one of them takes it; else it becomes
# bin/run.js, and nothing was begun or read. To be called with the folder and the words.
# Loads no module, not even strict or Socket, because each takes longer than what is done here.

my ($FOLDER, @WORDS) = @ARGV;
my ($BIN) = $0 =~ m{^(.*)/};

# As src/hosts/warm has them: calls.ts, frames.ts, flow.ts, client.ts, warm-host.ts, socket-folder.ts, interchangeable.ts.
my $PROTOCOL = 4;
my (
  $HELLO, $PING, undef, $OPEN, $STARTED, $DATA, $ERRORS, $END,
  $DATA_CREDIT, $ERRORS_CREDIT, $SIGNAL, undef, $ABORT, $RESULT, $FAILURE, $BYE,
) = 1 .. 16;
my $WINDOW_BYTES = 256 * 1024;
my $CHUNK_BYTES = 64 * 1024;
my $PING_EVERY = 5;
my $UNANSWERED_PINGS = 3;
my $ABORT_SECONDS = 4;
my $MAX_PATH_BYTES = 92;
my $HAS_A_PART = qr/^(?:AWS|BELT|DIGITALOCEAN|DOCKER|EC2|STATIC)_|^(?:HOME|SSH_AUTH_SOCK|CI|NO_COLOR|TERM)$/;

# Less than Belt waits, which knows the one agent to wait for: here it may be that of another cluster that hangs.
my $WELCOME_SECONDS = 0.5;
my $MAX_AGENTS = 8;

my $CALL = 1;
my $PIPE_BYTES = $^O eq 'linux' ? 4096 : 512;
my $MAX_FRAME_BYTES = 16 * 1024 * 1024;
my $INTERRUPTED = 130;
my ($EINTR, $EISDIR, $EAGAIN) = (4, 21, $^O eq 'linux' ? 11 : 35);
my $MSG_DONTWAIT = $^O eq 'linux' ? 0x40 : 0x80;
my %REMOTE_SIGNAL = (INT => 'INT', TERM => 'TERM', HUP => 'TERM');

my $connected = 0;
my ($agent, $received, $unsent);
my ($started, $credit, $input_ended);
my ($interrupts, $interrupt, $interrupted, $handed, $aborted_at);

my $question = question();
pipe($interrupts, $interrupt) or leave_to_node();
$SIG{PIPE} = 'IGNORE';
for my $path (sockets()) {
  last if $connected == $MAX_AGENTS;
  greet($path) and run();
  exit $INTERRUPTED if $interrupted;
}
leave_to_node();

# The paths of the sockets of this user's agents, as far as nobody else can have made or reached them.
sub sockets {
  my ($temporary) = grep { defined && length } @ENV{qw(TMPDIR TMP TEMP)}, '/tmp';
  $temporary =~ s{(?<=.)/$}{};
  my @candidates = ("$temporary/belt-$<", "/tmp/belt-$<");
  unshift @candidates, "$ENV{XDG_RUNTIME_DIR}/belt" if ($ENV{XDG_RUNTIME_DIR} // '') =~ m{^/};
  my $name = '[0-9a-f]' x 24 . '.sock';
  my ($folder) = grep { length("$_/.sock") + 24 <= $MAX_PATH_BYTES } @candidates;
  return unless defined $folder && is_own($folder) && -d _ && opendir(my $handle, $folder);
  return grep { is_own($_) && -S _ } map { "$folder/$_" } sort grep { /^$name$/ } readdir $handle;
}

sub is_own {
  my (undef, undef, $mode, undef, $owner) = lstat $_[0];
  return defined $mode && $owner == $< && ($mode & 077) == 0;
}

# What is asked of an agent: see FrontCall in src/hosts/warm/calls.ts.
sub question {
  my %environment = map { $_ => $ENV{$_} } grep { /$HAS_A_PART/ } keys %ENV;
  my @pairs = map { json($_) . ':' . json($environment{$_}) } keys %environment;
  my @fields = (
    '"what":"front"',
    '"version":' . json(version()),
    '"argv":[' . join(',', map { json($_) } @WORDS) . ']',
    '"cwd":' . json($FOLDER),
    '"environment":{' . join(',', @pairs) . '}',
    '"isTerminal":' . (-t STDERR ? 'true' : 'false'),
  );
  return pack 'N/a*', '{' . join(',', @fields) . '}';
}

sub json {
  my ($text) = @_;
  my $decoded = $text;
  utf8::decode($decoded) or leave_to_node();
  $text =~ s/([\x00-\x1f"\\])/sprintf '\\u%04x', ord $1/ge;
  return qq("$text");
}

sub version {
  open my $file, '<', "$BIN/../package.json" or leave_to_node();
  local $/;
  my ($version) = <$file> =~ /"version": *"([^"]*)"/ or leave_to_node();
  return $version;
}

# Connects to the agent of a socket. False when it does not answer as one that is well, and of this protocol.
sub greet {
  my ($path) = @_;
  my $address = $^O eq 'linux' ? pack 'SZ*', 1, $path : pack 'CCZ*', length($path) + 3, 1, $path;
  ($received, $unsent) = ('', '');
  socket($agent, 1, 1, 0) && connect($agent, $address) or return 0;
  $connected++;
  say_to_agent($HELLO, 0, pack 'N/a*', qq({"protocol":$PROTOCOL}));
  my $deadline = time + 1 + $WELCOME_SECONDS;
  until (length $received >= 9 && length $received >= 9 + unpack 'N', $received) {
    send_what_may();
    my $readable = set_of($agent);
    return 0 if time > $deadline || select($readable, undef, undef, $WELCOME_SECONDS) <= 0 || !receive();
  }
  my ($kind, undef, $payload) = next_frame();
  return $kind == $HELLO && $payload =~ /"protocol":$PROTOCOL\b/;
}

# Asks the agent, and ends with the command; returns when the agent did not take it.
sub run {
  ($started, $credit, $input_ended) = (0, $WINDOW_BYTES, 0);
  my ($pings, $pinged_at) = (0, time);
  local @SIG{keys %REMOTE_SIGNAL} = map { catch($_) } keys %REMOTE_SIGNAL;
  say_to_agent($OPEN, $CALL, $question);
  while (1) {
    while (my ($kind, $call, $payload) = next_frame()) {
      $pings = 0;
      if ($kind == $STARTED) { $started = 1 }
      elsif ($kind == $DATA) { pass_on(*STDOUT, $payload, $DATA_CREDIT) }
      elsif ($kind == $ERRORS) { pass_on(*STDERR, $payload, $ERRORS_CREDIT) }
      elsif ($kind == $DATA_CREDIT) { $credit += unpack 'N', $payload }
      elsif ($kind == $RESULT) { finish($payload) }
      elsif ($kind == $FAILURE || $kind == $BYE && $call < $CALL) { return unless $started }
    }
    if (abs(time - $pinged_at) >= $PING_EVERY) {
      my $silence = $PING_EVERY * $UNANSWERED_PINGS;
      return lost("it said nothing for $silence s") if $pings == $UNANSWERED_PINGS;
      ($pings, $pinged_at) = ($pings + 1, time);
      say_to_agent($PING, 0, '');
    }
    end($INTERRUPTED, "belt: interrupted\n") if $aborted_at && abs(time - $aborted_at) > $ABORT_SECONDS;
    wait_and_move() or return lost('it ended');
  }
}

# Waits until there is something to move or to do, for a second at most. False when the agent is gone.
sub wait_and_move {
  send_what_may();
  my $takes_input = $started && !$input_ended && $credit > 0 && length $unsent < $CHUNK_BYTES;
  my $readable = set_of($agent, $interrupts, $takes_input ? *STDIN : ());
  my $writable = length $unsent ? set_of($agent) : undef;
  return 1 if select($readable, $writable, undef, 1) <= 0;
  take_interrupts();
  read_input() if $takes_input && vec $readable, fileno STDIN, 1;
  return vec($readable, fileno $agent, 1) ? receive() : 1;
}

sub set_of {
  my $set = '';
  vec($set, fileno $_, 1) = 1 for @_;
  return $set;
}

sub read_input {
  my $bytes = sysread STDIN, my $chunk, $credit < $CHUNK_BYTES ? $credit : $CHUNK_BYTES;
  if ($bytes) {
    $credit -= $bytes;
    say_to_agent($DATA, $CALL, $chunk);
  } elsif (defined $bytes || $! == $EISDIR) {
    $input_ended = 1;
    say_to_agent($END, $CALL, '');
  } elsif ($! != $EINTR && $! != $EAGAIN) {
    end(1, "belt: cannot read the input: $!\n");
  }
}

sub say_to_agent {
  my ($kind, $call, $payload) = @_;
  $unsent .= pack('NCN', length $payload, $kind, $call) . $payload;
}

# One that is gone is noticed when it is read from.
sub send_what_may {
  while (length $unsent) {
    my $bytes = send $agent, $unsent, $MSG_DONTWAIT;
    return unless defined $bytes;
    substr($unsent, 0, $bytes) = '';
  }
}

sub receive {
  my $bytes = sysread $agent, $received, $WINDOW_BYTES, length $received;
  return $bytes || !defined $bytes && ($! == $EINTR || $! == $EAGAIN);
}

# The next frame that is complete, as its kind, its call and its payload.
sub next_frame {
  return if length $received < 9;
  my ($length, $kind, $call) = unpack 'NCN', $received;
  if ($length > $MAX_FRAME_BYTES) { lost('it speaks another protocol'); leave_to_node() }
  return if length $received < 9 + $length;
  my $payload = substr $received, 9, $length;
  substr($received, 0, 9 + $length) = '';
  return ($kind, $call, $payload);
}

sub pass_on {
  my ($stream, $payload, $credit_kind) = @_;
  put($stream, $payload) or end(1, "belt: cannot write the output: $!\n");
  say_to_agent($credit_kind, $CALL, pack 'N', length $payload);
}

# Writes no more at once than a pipe takes that takes anything: while nobody reads, signals must go on to docker.
sub put {
  my ($stream, $bytes) = @_;
  while (length $bytes) {
    my ($readable, $writable) = (set_of($interrupts), set_of($stream));
    my $ready = select $readable, $writable, undef, undef;
    take_interrupts();
    send_what_may();
    next unless $ready > 0 && vec $writable, fileno $stream, 1;
    my $written = syswrite $stream, $bytes, $PIPE_BYTES;
    if ($written) { substr($bytes, 0, $written) = '' }
    elsif ($! != $EINTR && $! != $EAGAIN) { return 0 }
  }
  return 1;
}

# A signal that came just before the wait would not end it; a byte in a pipe does.
sub catch {
  my ($name) = @_;
  return sub { $interrupted = 1; syswrite $interrupt, "$REMOTE_SIGNAL{$name}\n" };
}

# As src/cli/interruption.ts has it: the first is the command's, where that runs; another ends it, and one more the front.
sub take_interrupts {
  my $readable = set_of($interrupts);
  return if select($readable, undef, undef, 0) <= 0;
  sysread $interrupts, my $names, 1000;
  for my $name (split /\n/, $names) {
    exit $INTERRUPTED if $aborted_at;
    if ($started && !$handed) { say_to_agent($SIGNAL, $CALL, $handed = $name) }
    else { $aborted_at = time; say_to_agent($ABORT, $CALL, '') }
  }
}

sub finish {
  my ($result, $text) = unpack 'N/a* a*', $_[0];
  end($result =~ /"code":(\d+)/ ? $1 : 1, $text);
}

sub end {
  my ($code, $text) = @_;
  put(*STDERR, $text);
  exit $code;
}

# A command that runs may have run to its end; one that does not can be run in another way, because it only reads.
sub lost {
  my ($reason) = @_;
  return unless $started;
  my $hint = 'Whether the command ran to its end is unknown: look at the host before running it again';
  end(1, "belt: lost Belt's agent, which ran the command ($reason)\n  $hint\n");
}

sub leave_to_node {
  $SIG{PIPE} = 'DEFAULT';
  my $node = "$BIN/run.js";
  exec {$node} $node, @WORDS or end(127, "belt: cannot start $node: $!\n");
}
