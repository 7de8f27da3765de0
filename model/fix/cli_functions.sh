say() { printf '%s\n' "$*"; }
die() { printf 'hopscope: %s\n' "$*" >&2; exit 1; }

# read_service: the service as it is now, in $work/now.json its Service Connect block.
read_service() {
  aws ecs describe-services --region "$region" --cluster "$cluster" --services "$service" \
    --output json >"$work/services.json"
  arn=$(jq -r '.services[0].serviceArn // ""' "$work/services.json")
  [ -n "$arn" ] || die "there is no service $service in cluster $cluster of $region"
  local in=${arn#arn:*:ecs:*:}
  in=${in%%:*}
  [ -z "$account" ] || [ "$in" = "$account" ] || die "these credentials are for account $in, the plan is for $account"
  jq '.services[0].deployments[] | select(.status == "PRIMARY") | .serviceConnectConfiguration' \
    "$work/services.json" >"$work/now.json"
  deployments=$(jq '.services[0].deployments | length' "$work/services.json")
}

# check_entry BLOCK INDEX NAME: refuses a block whose entry is another one.
check_entry() {
  jq -e --argjson index "$2" --arg name "$3" '.services[$index].portName == $name' "$1" >"$work/check" ||
    die "entry $2 of the Service Connect block is not $3: the block has changed since the plan was made; plan again"
}

# same FILE FILE: tells whether two blocks say the same.
same() { [ "$(jq -S -c . "$1")" = "$(jq -S -c . "$2")" ]; }

# authorize SIDE GROUP PERMISSIONS: adds a rule and notes its id. One that is there already is not ours.
authorize() {
  if aws ec2 "authorize-security-group-$1" --region "$region" --group-id "$2" --ip-permissions "$3" \
    --output json >"$work/rule.json" 2>"$work/error"; then
    jq -r --arg side "$1" --arg group "$2" '.SecurityGroupRules[] | ["added", $side, $group, .SecurityGroupRuleId] | @tsv' \
      "$work/rule.json" >>"$rules"
    say "added a rule to $2: $3"
  elif grep -q 'InvalidPermission.Duplicate' "$work/error"; then
    say "$2 has the rule already: $3"
  else
    cat "$work/error" >&2
    die "the rule was not added to $2, and nothing behind it was done"
  fi
}

# revoke SIDE GROUP PERMISSIONS: removes a rule, and notes it so that a rollback adds it again.
revoke() {
  if aws ec2 "revoke-security-group-$1" --region "$region" --group-id "$2" --ip-permissions "$3" \
    --output json >"$work/rule.json" 2>"$work/error"; then
    printf 'removed\t%s\t%s\t%s\n' "$1" "$2" "$3" >>"$rules"
    say "removed a rule from $2: $3"
  elif grep -q 'InvalidPermission.NotFound' "$work/error"; then
    say "$2 has no such rule any more: $3"
  else
    cat "$work/error" >&2
    die "the rule was not removed from $2, and nothing behind it was done"
  fi
}

# warn_old_cli: says when this AWS CLI may not know all members of a block. No call is made.
warn_old_cli() {
  aws ecs update-service --generate-cli-skeleton input >"$work/skeleton.json" 2>"$work/error" || return 0
  jq -e '.serviceConnectConfiguration | has("containerConfigurations")' "$work/skeleton.json" >"$work/check" ||
    say "WARNING: $(aws --version 2>&1) does not know every member of a Service Connect block." \
      'A block that has containerConfigurations loses them: update the AWS CLI first.' >&2
}

# settle BLOCK: waits until the rollout of a block is over.
settle() {
  say "waiting until the deployment of $service is stable"
  aws ecs wait services-stable --region "$region" --cluster "$cluster" --services "$service" ||
    die "$service is not stable yet: look at its events; run this again to go on waiting, or roll back"
  read_service
  same "$work/now.json" "$1" || die "the block of $service is not the one that was sent: the deployment was rolled back, or somebody changed it"
}

# send BLOCK: replaces the block, and waits until the rollout is over.
send() {
  aws ecs update-service --region "$region" --cluster "$cluster" --service "$service" \
    --service-connect-configuration "file://$1" --output json >"$work/reply.json"
  say "updated $service"
  settle "$1"
}

# as_wanted: tells whether the block is as the plan wants it; in $work/wanted.json what it is to be.
as_wanted() {
  if [ -e "$before" ]; then
    edit "$before" >"$work/wanted.json"
    ! same "$work/now.json" "$work/wanted.json" || return 0
  fi
  check_entries "$work/now.json"
  edit "$work/now.json" >"$work/wanted.json"
  same "$work/now.json" "$work/wanted.json"
}

# ready: refuses what cannot be updated, before anything is written.
ready() {
  ! as_wanted || return 0
  [ "$deployments" = 1 ] || die "a deployment of $service is in progress: wait until it is over"
  [ ! -e "$before" ] || same "$work/now.json" "$before" ||
    die "$before is not the block as it is now: if it is of no more use, move it away"
}

# update: carries the plan out on the block as it is now, unless it is so already.
update() {
  read_service
  if as_wanted; then
    say "the Service Connect block of $service is as the plan wants it"
    [ "$deployments" = 1 ] || settle "$work/wanted.json"
    return
  fi
  ready
  [ -e "$before" ] || cp "$work/now.json" "$before"
  diff -u "$before" "$work/wanted.json" || true
  warn_old_cli
  send "$work/wanted.json"
}

# tidy: carries out the steps for later, once the plan itself is in force.
tidy() {
  as_wanted || die 'the plan was not carried out: do that first'
  [ "$deployments" = 1 ] || die "a deployment of $service is in progress: wait until it is over"
  later
}

# redeploy: starts the tasks again as they are.
redeploy() {
  [ "$deployments" = 1 ] || die "a deployment of $service is in progress: wait until it is over"
  aws ecs update-service --region "$region" --cluster "$cluster" --service "$service" --force-new-deployment \
    --output json >"$work/reply.json"
  say "deploying $service again; waiting until it is stable"
  aws ecs wait services-stable --region "$region" --cluster "$cluster" --services "$service" ||
    die "$service is not stable yet: look at its events"
}

# by_hand STEP TITLE: stops in front of a step for a person.
by_hand() {
  case " ${BY_HAND_DONE:-} " in *" $1 "*) return ;; esac
  die "do step $1 first: $2. Then run this again with BY_HAND_DONE='${BY_HAND_DONE:+$BY_HAND_DONE }$1' in the environment"
}

# rollback: first lets in again whom it shut out, then sends the block as it was, then removes what it added.
rollback() {
  local what side group rest
  if [ -e "$rules" ]; then
    cp "$rules" "$work/rules.tsv"
    while IFS=$'\t' read -r what side group rest; do
      [ "$what" != removed ] || readmit "$side" "$group" "$rest"
    done <"$work/rules.tsv"
  fi
  restore
  if [ -e "$rules" ]; then
    while IFS=$'\t' read -r what side group rest; do
      [ "$what" != added ] || remove "$side" "$group" "$rest"
    done <"$work/rules.tsv"
    rm "$rules"
  fi
  say "$service is as it was"
}

# readmit SIDE GROUP PERMISSIONS: adds a rule that this script removed.
readmit() {
  aws ec2 "authorize-security-group-$1" --region "$region" --group-id "$2" --ip-permissions "$3" \
    --output json >"$work/rule.json" 2>"$work/error" || grep -q 'InvalidPermission.Duplicate' "$work/error" ||
    { cat "$work/error" >&2; die "the rule was not added to $2 again: $3"; }
  say "added a rule to $2 again: $3"
}

# remove SIDE GROUP ID: removes a rule that this script added.
remove() {
  aws ec2 "revoke-security-group-$1" --region "$region" --group-id "$2" --security-group-rule-ids "$3" \
    --output json >"$work/rule.json" 2>"$work/error" || grep -q 'InvalidSecurityGroupRuleId.NotFound' "$work/error" ||
    { cat "$work/error" >&2; die "the rule $3 was not removed from $2"; }
  say "removed the rule $3 from $2"
}

# restore: sends the block as it was, unless it is so already or somebody else changed it.
restore() {
  [ -e "$before" ] || return 0
  edit "$before" >"$work/wanted.json"
  if same "$work/now.json" "$before"; then
    say "the Service Connect block of $service is as it was"
    [ "$deployments" = 1 ] || settle "$before"
    return
  fi
  same "$work/now.json" "$work/wanted.json" || die "the block of $service is not the one that this script sent: it is left alone, see $before"
  warn_old_cli
  cp "$before" "$work/before.json"
  send "$work/before.json"
}

main() {
  local tool
  for tool in aws jq; do
    command -v "$tool" >/dev/null || die "$tool is not installed"
  done
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  read_service
  case $1 in
    apply) ready; apply ;;
    later) tidy ;;
    rollback) rollback ;;
    *) die "unknown argument $1: apply, later or rollback" ;;
  esac
}
