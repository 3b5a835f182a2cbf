#!/bin/sh
# Runs a command (inside the folder of editors) on a screen of its own:  screen.sh WIDTHxHEIGHT COMMAND...
# DISPLAY says which. Abstract sockets are shared with the machine outside, so the screen has none.
set -eu

size=$1
shift
Xvfb "$DISPLAY" -screen 0 "${size}x24" -nolisten tcp -nolisten local -noreset >/tmp/xvfb.log 2>&1 &
tries=0
until xdotool getdisplaygeometry >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || { echo "The screen did not start:" >&2; cat /tmp/xvfb.log >&2; exit 70; }
    sleep 0.05
done
openbox >/tmp/openbox.log 2>&1 &

dbus-run-session -- "$@"
exit $?
