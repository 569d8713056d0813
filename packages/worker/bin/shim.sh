#!/bin/sh
# Runs one attempt and outlives the agent: writes `started` before the first step and `exit` after the last,
# so that whoever looks later can tell what became of it. It leads the session and the group of the attempt,
# and stays until its step has ended, so that the group's number cannot come to mean something else.
#
#   shim.sh DIRECTORY     started in its own session, output going to DIRECTORY/output.log
#
# DIRECTORY/plan holds one step a line: its stage, then the command, quoted for a shell. A step that fails is
# the last. `started` and `exit` are complete when they end in a newline; times are those of the files.

cd "$1" || exit 125
stopped=false
# Caught, not ignored: an ignored signal would be ignored by the steps too.
trap 'stopped=true' TERM INT HUP

read -r boot </proc/sys/kernel/random/boot_id
read -r stat </proc/$$/stat
rest=${stat##*) }
# Field 22 of the whole line, the start of this process in ticks since boot, is the 20th after the name.
set -- $rest
shift 19
printf '{"pid":%s,"startTicks":%s,"boot":"%s"}\n' "$$" "$1" "$boot" >started.tmp
mv -f started.tmp started

end() {
  printf '{"code":%s,"stage":"%s","stopped":%s}\n' "$1" "$2" "$stopped" >exit.tmp
  sync exit.tmp 2>/dev/null || sync
  mv -f exit.tmp exit
  exit 0
}

# Whoever gave the attempt up before it started left `void`; it looks at `started` after that, we before.
[ -e void ] && end 125 void

code=0
stage=none
while read -r next command <&3; do
  $stopped && break
  stage=$next
  [ "$stage" = core ] || printf '[hera] %s\n' "$stage"
  eval "exec $command" 3<&- &
  child=$!
  # A signal that came while the step was being made has missed it.
  $stopped && kill "$child"
  # `wait` also returns when a signal was caught; the step is over only when its process is.
  while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  [ "$code" -eq 0 ] || break
done 3<plan

printf '[hera] %s ended at %s: exit code %s\n' "$stage" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$code"
end "$code" "$stage"
