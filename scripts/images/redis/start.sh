#!/bin/sh
# Starts Redis with the password of a mounted Secret. It goes into a file in memory: a command line can be read by anybody on the node,
# and a pod's description shows its environment.
set -eu
umask 077
{
  cat /etc/zerodrop/redis.conf
  printf 'requirepass %s\n' "$(cat /run/secrets/redis/password)"
} >/run/redis/redis.conf
exec redis-server /run/redis/redis.conf
