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

# check_entry BLOCK INDEX NAME CONDITION: refuses a block whose entry is another one, or neither as it was nor as it is to be.
check_entry() {
  jq -e --argjson index "$2" --arg name "$3" ".services[\$index] | .portName == \$name and $4" "$1" >"$work/check" ||
    die "entry $2 of the Service Connect block is not $3 as it was when the plan was made, nor as it is to be: plan again"
}

# same FILE FILE: tells whether two blocks say the same.
same() { [ "$(jq -S -c . "$1")" = "$(jq -S -c . "$2")" ]; }

# note WHAT SIDE GROUP RULE: keeps for a rollback what is about to be done, whatever becomes of this script.
note() {
  [ ! -e "$rules" ] || cp "$rules" "$work/rules.old"
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$rules"
}

# forget: takes the last note back.
forget() {
  if [ -e "$work/rules.old" ]; then
    cp "$work/rules.old" "$rules"
  else
    rm "$rules"
  fi
}

# authorize SIDE GROUP PERMISSIONS: adds a rule and notes its id. One that is there already is not ours.
authorize() {
  note adding "$@"
  if aws ec2 "authorize-security-group-$1" --region "$region" --group-id "$2" --ip-permissions "$3" \
    --output json >"$work/rule.json" 2>"$work/error"; then
    forget
    jq -r --arg side "$1" --arg group "$2" '.SecurityGroupRules[] | ["added", $side, $group, .SecurityGroupRuleId] | @tsv' \
      "$work/rule.json" >>"$rules"
    say "added a rule to $2: $3"
  elif grep -q 'InvalidPermission.Duplicate' "$work/error"; then
    forget
    say "$2 has the rule already: $3"
  else
    forget
    cat "$work/error" >&2
    die "the rule was not added to $2, and nothing behind it was done"
  fi
}

# interfaces GROUP: the command that shows who has a group.
interfaces() {
  say "aws ec2 describe-network-interfaces --region $region --filters Name=group-id,Values=$1" \
    "--query 'NetworkInterfaces[].[NetworkInterfaceId,InterfaceType,Description]' --output text"
}

# strangers GROUP: the network interfaces with a group that are none of the service's tasks; those of tasks that are being stopped stay
# for a while. It fails where AWS does not say.
strangers() {
  local status
  aws ec2 describe-network-interfaces --region "$region" --filters "Name=group-id,Values=$1" --output json >"$work/interfaces.json" || return 1
  : >"$work/tasks.txt"
  for status in RUNNING STOPPED; do
    aws ecs list-tasks --region "$region" --cluster "$cluster" --service-name "$service" --desired-status "$status" --output json >"$work/tasks.json" || return 1
    jq -r '.taskArns[]' "$work/tasks.json" >>"$work/tasks.txt" || return 1
  done
  : >"$work/own.json"
  if [ -s "$work/tasks.txt" ]; then
    xargs -n 100 aws ecs describe-tasks --region "$region" --cluster "$cluster" --output json --tasks <"$work/tasks.txt" >"$work/own.json" || return 1
  fi
  jq -r --slurpfile own "$work/own.json" '[$own[].tasks[].attachments[]?.details[]? | select(.name == "networkInterfaceId").value] as $tasks |
    .NetworkInterfaces[].NetworkInterfaceId | select(. as $id | $tasks | index($id) | not)' "$work/interfaces.json"
}

# may_go SIDE GROUP RULE: says who may need a rule that is to go. Where others have the group, it goes once REVOKE_SHARED names the group.
may_go() {
  local known strange
  known=$(others "$2")
  say "about to remove a rule from $2: $3"
  say "  when the plan was made, hopscope knew ${known:+that these had $2 too: }${known:-no other service that had $2}"
  say "  others may need the rule by now; see who has the group: $(interfaces "$2")"
  case " ${REVOKE_SHARED:-} " in *" $2 "*) return 0 ;; esac
  [ -z "$known" ] || return 1
  [ "$1" = ingress ] || return 0 # the group is a caller's
  if ! strange=$(strangers "$2" 2>"$work/error"); then
    say "  whether others have it by now is not known: $(cat "$work/error")"
    return 0
  fi
  [ -n "$strange" ] || return 0
  say "  these interfaces have it by now, and are none of the tasks of $service: $(say "$strange" | tr '\n' ' ')"
  return 1
}

# how_to_go_on GROUPS: how to say that rules of groups may go.
how_to_go_on() {
  say "look who needs it; if no service does, run this again with REVOKE_SHARED='${REVOKE_SHARED:+$REVOKE_SHARED }$1' in the environment"
}

# revoke SIDE GROUP PERMISSIONS: removes a rule, which a rollback adds again.
revoke() {
  may_go "$@" || die "the rule stays, and nothing behind it was done: $(how_to_go_on "$2")"
  note removed "$@"
  if aws ec2 "revoke-security-group-$1" --region "$region" --group-id "$2" --ip-permissions "$3" \
    --output json >"$work/rule.json" 2>"$work/error"; then
    # In a default VPC there is no error for a rule that is not there.
    if jq -e '.UnknownIpPermissions // [] | length == 0' "$work/rule.json" >"$work/check"; then
      say "removed a rule from $2: $3"
      return
    fi
  elif ! grep -q 'InvalidPermission.NotFound' "$work/error"; then
    forget
    cat "$work/error" >&2
    die "the rule was not removed from $2, and nothing behind it was done"
  fi
  forget
  say "$2 has no such rule any more: $3"
}

# mind_old_cli: an AWS CLI that does not know all members of a block drops them. It is refused where AWS sends one, and warned of otherwise.
mind_old_cli() {
  local sent
  [ -z "${minded:-}" ] || return 0
  minded=yes
  aws ecs update-service --generate-cli-skeleton input >"$work/skeleton.json" 2>"$work/error" || return 0
  ! jq -e '.serviceConnectConfiguration | has("@newest@")' "$work/skeleton.json" >"$work/check" || return 0
  sent=$(aws ecs describe-services --region "$region" --cluster "$cluster" --services "$service" --output json --debug 2>&1 >"$work/again.json" |
    grep -c @newest@) || true
  [ "$sent" = 0 ] || die "the block of $service has @newest@, which $(aws --version 2>&1) would drop: update the AWS CLI first"
  say "WARNING: $(aws --version 2>&1) does not know every member of a Service Connect block, and drops what it does not know: better update it first." >&2
}

# settle BLOCK: waits until the rollout of a block is over.
settle() {
  say "waiting until the deployment of $service is stable"
  aws ecs wait services-stable --region "$region" --cluster "$cluster" --services "$service" ||
    die "$service is not stable yet: look at its events; run this again to go on waiting, or roll back"
  read_service
  same "$work/now.json" "$1" || die "the block of $service is not the one that was sent: the deployment was rolled back, or another program changed it; with the argument rollback this script removes the rules that it added"
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
  mind_old_cli
}

# shown BLOCK: the block with what is known to be no secret; all else is masked.
shown() {
  jq --argjson open '@open@' --argjson plain '@plain@' \
    '((.logConfiguration | objects | .logDriver | strings) // "") as $driver |
    reduce paths(type | . != "object" and . != "array") as $at (.;
      if (($at[0] as $first | $open | index($first)) and
          ($at[-1] != "exact" or ($at | index("testTrafficRules")) == null)) or $at == ["logConfiguration", "logDriver"] or
        ($at[:2] == ["logConfiguration", "options"] and ($at | length) == 3 and
          ($at[2] as $option | $plain[""] + ($plain[$driver] // []) | index($option))) or
        ($at[0] == "containerConfigurations" and $at[-1] == "logLevel")
      then . else setpath($at; "<masked>") end)' "$1"
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
  shown "$before" >"$work/shown-before.json"
  shown "$work/wanted.json" >"$work/shown-wanted.json"
  diff -u "$work/shown-before.json" "$work/shown-wanted.json" || true
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
  local what side group rest left= doubt=
  # The notes are not standard input: what aws starts to get credentials may read that.
  if [ -e "$rules" ]; then
    cp "$rules" "$work/rules.tsv"
    while IFS=$'\t' read -r what side group rest <&3; do
      [ "$what" != removed ] || readmit "$side" "$group" "$rest"
    done 3<"$work/rules.tsv"
  fi
  restore
  if [ -e "$rules" ]; then
    : >"$work/left.tsv"
    while IFS=$'\t' read -r what side group rest <&3; do
      if [ "$what" = adding ]; then
        doubt="this script was ended while it added a rule to $group: look whether that is there, and remove it if so: $rest"
        say "$doubt"
      fi
      [ "$what" = added ] || continue
      if may_go "$side" "$group" "$rest"; then
        remove "$side" "$group" "$rest"
      else
        printf 'added\t%s\t%s\t%s\n' "$side" "$group" "$rest" >>"$work/left.tsv"
        case " $left " in *" $group "*) ;; *) left="${left:+$left }$group" ;; esac
      fi
    done 3<"$work/rules.tsv"
    if [ -n "$left" ]; then
      cp "$work/left.tsv" "$rules"
      die "$service is as it was, but rules that were added to $left stay: $(how_to_go_on "$left")"
    fi
    rm "$rules"
    [ -z "$doubt" ] || die "$service is as it was, but for this: $doubt"
  fi
  say "$service is as it was"
}

# readmit SIDE GROUP PERMISSIONS: adds a rule that this script removed.
readmit() {
  aws ec2 "authorize-security-group-$1" --region "$region" --group-id "$2" --ip-permissions "$3" \
    --output json >"$work/rule.json" 2>"$work/error" || grep -q 'InvalidPermission.Duplicate' "$work/error" ||
    { ! gone "$2" "$3" || return 0; cat "$work/error" >&2; die "the rule was not added to $2 again: $3"; }
  say "added a rule to $2 again: $3"
}

# remove SIDE GROUP ID: removes a rule that this script added.
remove() {
  aws ec2 "revoke-security-group-$1" --region "$region" --group-id "$2" --security-group-rule-ids "$3" \
    --output json >"$work/rule.json" 2>"$work/error" || grep -q 'InvalidSecurityGroupRuleId.NotFound' "$work/error" ||
    { ! gone "$2" "$3" || return 0; cat "$work/error" >&2; die "the rule $3 was not removed from $2"; }
  say "removed the rule $3 from $2"
}

# gone GROUP RULE: tells whether a call failed because a group is gone, and its rules with it.
gone() {
  grep -q 'InvalidGroup.NotFound' "$work/error" || return 1
  say "left out, as a group of it is gone, $2 of $1: $(cat "$work/error")"
}

# restore: sends the block as it was, unless it is so already or another program changed it.
restore() {
  [ -e "$before" ] || return 0
  edit "$before" >"$work/wanted.json"
  if same "$work/now.json" "$before"; then
    say "the Service Connect block of $service is as it was"
    [ "$deployments" = 1 ] || settle "$before"
    return
  fi
  same "$work/now.json" "$work/wanted.json" || die "the block of $service is not the one that this script sent: it is left alone, see $before"
  mind_old_cli
  cp "$before" "$work/before.json"
  send "$work/before.json"
}

main() {
  local tool
  for tool in aws jq; do
    command -v "$tool" >/dev/null || die "$tool is not installed"
  done
  umask 077 # the block may hold secrets: the files are for this user alone
  if ! true >"$before.check"; then
    die "no file can be written in $PWD, where what a rollback needs is kept: change to another directory"
  fi
  rm "$before.check"
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
