# Frozen as it came from its author, who knew README and the shape of a frame and nothing else: changing it would make
# it ours. mypy and ruff are for code that changes.
# mypy: ignore-errors
# ruff: noqa
"""Requests that must have no effect: nothing may be stopped, started, scheduled, kept, released, deleted or sent.
What only reads ("is uat stopped?") may be answered. Standard library only, deterministic.

{n} and {m}: two different environments; {k}: several dev environments, said in different ways; {s}: a schedule.
"""

import re

NAMES = [
    "uat",
    "sandbox",
    "orders-dev",
    "staging-eu",
    "blue-42",
    "pr-482",
    "checkout-dev",
    "prod-eu",
    "search-dev",
    "pr-517",
    "billing-dev",
    "prod-us",
]
GROUPS = [
    "all dev environments",
    "the dev envs",
    "all idle dev environments",
    "the preview environments",
    "all staging envs",
    "everything in dev",
]
SCHEDULES = ["s0123abcde", "s9876fedcb"]

SHAPES = {
    "negation": """don't stop {n}
dont stop {n}!
do not stop {n}
please do not start {n}
pls don't shut {n} down
you must not stop {n}
please don't turn {k} off
never stop {k}
do not turn off {n} under any circumstances
no need to stop {n}
there's no need to start {n}
you don't have to stop {n}
you needn't start {n} for me
I don't want {n} stopped
i don't want you to stop {k}
we do not want {k} to be shut down at night
I'd rather you didn't stop {n}
{n} must not be stopped
{n} should not be started
{n} shouldn't be turned off
under no circumstances stop {n}
no, not {n}, leave it alone
please refrain from stopping {n}
avoid stopping {n}
not stop {n} please
don't schedule a stop for {n}
please don't stop {k} at 6pm
don't delete schedule {s}
don't pause schedule {s}
I can't have {n} stopped today
nobody should stop {n}
without stopping {n}, how can I save money?
please hold off on stopping {n}
keep your hands off {n}
it isn't necessary to start {n}
let's not stop {n}
let's not shut down {k} tonight""",
    "opposites": """never start {n}
never stop {n}
stop stopping {n}
stop shutting down {k} every evening
stop starting {n} all the time
please stop turning {n} off
cancel stopping {n}
abort the stop of {n}
undo the stop of {n}
don't stop, don't start, just wait
quit stopping {n} every night
start not stopping {n}
prevent {n} from being stopped
make sure nobody stops {n}
make sure {n} is never started
protect {n} from stopping
block any start of {n}
forbid stopping {k}
lock {n} so that it cannot be stopped
refuse to stop {n} from now on""",
    "condition": """stop {n} if nobody uses it
if nobody uses {n}, stop it
if {n} is idle then stop it
stop {n} unless someone is working on it
unless QA objects stop {n}
stop {n} when the tests are done
once the load test has finished, stop {n}
start {n} as soon as the pipeline is green
start {n} when {m} is down
when {n} fails start {m}
in case {n} breaks, start {m}
stop {k} if the cost goes above 500 dollars
stop {n} if CPU stays below 5%
stop {n} only if dana agrees
provided that nobody is logged in, shut down {n}
stop {n} as long as it is not in use
if it is after 8pm stop {n}
should {n} become idle, turn it off
stop {n} in case it isn't needed
whenever {n} is idle for an hour turn it off
start {n} if it's stopped and {m} is running
shut {n} down after the last user has logged out
stop {k} if that's ok with the QA team
start {n} if somebody opens a pull request
turn off {n} assuming that the release is done
if the deployment of checkout fails, stop {n}""",
    "question_about_acting": """did you stop {n}?
did you stop {n} yesterday
have you stopped {n}
have you already started {n}?
should I stop {n}?
should we stop {k}?
shall I start {n}?
who stopped {n}?
who started {n} this morning
why did you stop {n}?
why was {n} stopped?
why is {n} being stopped every night
can I stop {n}?
can i start {n} myself
may I stop {n}?
am I allowed to stop {n}?
is Dana allowed to stop {n}?
who may stop {n}?
who can start {n}
how do I stop {n}?
how can I start {n}
how long does it take to start {n}?
how long does stopping {n} take
when was {n} stopped?
when did {n} start?
when will you stop {n}?
was {n} started by someone?
is it safe to stop {n}?
is it ok to stop {n}?
would it be a problem to stop {n}
do I need an approval to stop {n}?
what does it mean to stop {n}?
do you think we should stop {n}
is stopping {n} a good idea?
is there a way to stop {k} automatically?
are you going to stop {n}?
are you stopping {n} right now?
will {n} be stopped tonight?
is {n} stopped?
is {n} about to stop
which environments did you stop?
which envs were stopped last night?
how many environments did you stop today
who asked you to stop {n}?
can schedule {s} be deleted?
who deleted schedule {s}
did somebody pause schedule {s}?
why did you tell #platform about {n}
are you able to stop {n}?""",
    "hypothetical": """what would happen if we stopped {n}
what happens if I stop {n}?
what happens when {n} is stopped
what if we stop {n}?
what if I turned {k} off
suppose we stopped {n}, what would break?
imagine I start {n}, what would it cost
if I stop {n}, will {m} still work?
if we shut down {k} how much would we save
how much would we save by stopping {n}?
how much money would it save to stop {k} at night?
would {n} come back if I stopped it?
could we stop {n} without breaking {m}?
what would you do if I said stop {n}
what would stopping {n} do
let's say I stop {n}, what then?
assuming {n} were stopped, who would notice?
hypothetically, stop {n}
pretend to stop {n}
just as a test, what would you answer to stop {n}
what is affected when we stop {n}
it would be funny if you stopped {n}
we could stop {n} some day
maybe we should stop {n}
perhaps stopping {n} would help
I wonder if we should stop {n}
I'm thinking about stopping {n}
dry run: stop {n}
explain what stop {n} does""",
    "reported": """Bob said to stop {n}
bob says stop {n}
Dana told me to stop {n}
my boss wants {n} stopped but I disagree
the runbook says "stop {n}"
the ticket reads: stop {n}
someone wrote "stop {k}" in the channel
he asked whether we could stop {n}
she asked me to start {n} yesterday
I was told that {n} would be stopped
the alert said {n} was stopped
the doc says you can stop {n} by typing stop {n}
"stop {n}" is what I typed before
what does "stop {n}" mean?
Anna suggested stopping {n}
according to Tom we should stop {n}
the command stop {n} did not work
I heard you stopped {n}
QA complained that {n} was started too late
they say start {n} first and then the tests
in the meeting we agreed to stop {k} one day
translate "stop {n}" to German
spell stop {n}
the message "start {n}" was sent by mistake
the customer reported that {n} stops all the time
quote: please stop {n}
our policy says: never start {n} on Fridays""",
    "two_requests": """stop {n} and start {m}
start {n} and stop {m}
stop {n} and delete it
stop {n} and then start it again
stop {n}, then delete {m}
stop {n} and keep {m} until 23:00
restart {n} and stop {m}
stop {n} and terminate {m}
stop {n} but start {m}
start {n} & scale it to 5
stop {k} and delete the old ones
stop {n} and destroy the database
start {n} and deploy checkout to it
stop {n} and roll back {m}
stop {n}, start {m}, tell nobody
first stop {n} then start {m}
stop {n} after starting {m}
start {n} before you stop {m}
swap: {n} off, {m} on
turn {n} off and {m} on
shut {n} down and take a snapshot of it
stop {n} and increase the memory of {m}
stop {n} and start {m} at 7am
could you stop {n} and restart {m}
pause schedule {s} and stop {n}
delete schedule {s} and start {n}
stop {n} and open a ticket
stop {n} plus clean up its S3 buckets
start {n} instead of {m} and remove {m}""",
    "leftover": """stop {n} quietly without draining
stop half of the dev environments
stop {n}'s logging
stop the logging of {n}
stop {n} gracefully with a 10 minute drain
stop two of the dev environments
stop some of the dev environments
stop most of {k}
stop a few dev environments
stop any one of the preview environments
stop the biggest dev environment
stop the oldest preview environments
stop {n} in region us-east-1 only
stop the checkout service in {n}
stop only the database of {n}
stop everything in {n} but its database
stop the web-front tasks of {n}
start {n} with twice the memory
start {n} with 10 replicas
start {n} from yesterday's snapshot
start {n} in another region
start a copy of {n}
start {n} without the database
start the tests in {n}
start the pipeline for {n}
start a load test against {n}
start a deployment to {n}
stop the deployment to {n}
stop the alarms of {n}
stop alerting on {n}
stop paging me about {n}
stop traffic to {n}
stop billing for {n}
stop the backup of {n}
stop dev environments owned by Dana
stop the dev environments created last week
stop {k} that cost more than 100 dollars
stop {n} by force without the approval
stop {n} skipping the checks
stop all environments of the payments team
stop the environments in account 123456789012
stop {n} and everything that depends on it
stop {n} very slowly one service after another
keep {n}'s logs until Friday
keep the database of {n} until 23:00
stop every second dev environment
start {n} read-only
stop {n} as user admin""",
    "homonym": """stop sign environment
start page of checkout
keep me posted about {n}
pause for {n} review
stop by the staging office
the bus stop near production
start menu
a good start for the dev team
where do I start?
let's get started with {n} docs
I can't stop laughing about {n}
full stop
stop it, you're funny
stop kidding
non-stop production line
start date of the uat phase
keep in mind that {n} is important
keep up the good work
keep calm and deploy
keep an eye on {n}
keep {n} in mind for the review
keep track of {n}
release notes of {n}
release the kraken
press release for production
release 2.4 of checkout
release candidate for staging
delete my last message
pause, I need a coffee
resume of the candidate for the platform team
boot camp for developers
wake me up when {n} is ready
wake up call for production
shut up
turn around time of uat
switch to the {n} branch
take {n} for example
bring {n} up in the meeting
bring up {n} with Dana at the standup
power user of {n}
head start for the dev team
one stop shop for environments
stop words in search
start-up environment for founders
the show must go on in production
turn the page
down with prod
spin class at 6pm
who keeps {n} in the wiki up to date?
staging a protest at 6pm
release {n} to the app store""",
    "past_future": """we stopped {n} yesterday
I stopped {n}
I've just started {n}
I already stopped {n}, just so you know
I will stop {n}
I'll start {n} myself later
i'm going to stop {n} tonight
I am stopping {n} now
Dana is going to stop {n}
Dana has stopped {n}
we will stop {k} next week
we used to stop {k} every night
we'll shut {n} down tomorrow at 6pm
{n} was stopped at 6pm
{n} has been started
{n} will be stopped on Friday
{n} gets stopped every evening at 8pm
{n} stops every night at 10pm
{n} starts too slowly
{n} had been stopped before I came
you stopped {n} last night and nobody noticed
you stopped {n} too early yesterday
fyi {n} is going down at 6pm
heads up: {n} will be off tonight
thanks for stopping {n}
thank you for starting {n} so fast
sorry for stopping {n}
last week we stopped {n} and started {m}
I was about to stop {n}
we were planning to stop {k} at 7pm
it took an hour to start {n}
someone stopped {n} by accident
schedule {s} was deleted yesterday
I kept {n} until 23:00 yesterday
after we stopped {n} the bill went down""",
    "other_verbs": """delete {n}
terminate {n}
destroy {n}
restart {n}
reboot {n}
please reboot the {n} box
bounce {n}
scale {n}
scale {n} to 5 replicas
scale {n} down
scale up {n} please
deploy checkout to {n}
deploy {n}
redeploy {n}
roll back {n}
rollback checkout on {n}
rename {n} to {m}
remove {n}
drop {n}
wipe {n}
get rid of {n}
tear down {n}
tear {k} down
nuke {n}
decommission {n}
purge {k}
clone {n}
copy {n} to {m}
create a new environment called {n}-2
move {n} to another region
migrate {n} to Kubernetes
upgrade {n}
patch {n}
update {n}
reset {n}
refresh {n}
recreate {n}
resize {n}
back up {n}
restore {n} from a backup
archive {n}
lock {n}
tag {n} with owner=dana
drain {n}
debug {n}
test {n}
cancel {n}
approve {n}
undeploy checkout from {n}
failover from {n} to {m}
please delete {k}
could you destroy {n} for me
can you restart {n} pls
I want {n} deleted
would you mind terminating {n}?
I need {n} restarted asap
let's delete {k}
hibernate the laptop
delete all environments
restart everything in dev
rename schedule {s} to nightly
move schedule {s} to 9pm
change schedule {s} to weekdays only
ssh into {n}
stopwatch {n}
unstop {n}
restop {n}
kickstart {n}-docs""",
}


def shapes():
    return [(k, s) for k, text in SHAPES.items() for s in text.splitlines()]


def near_misses() -> list[dict]:
    out, seen = [], set()
    count = 0
    for kind, shape in shapes():
        fills = 2 if "{" in shape else 1
        if "{k}" in shape:
            fills = 2
        for i in range(fills):
            n = (
                NAMES[(count * 5 + i * 7) % 12]
                if i
                else ["uat", "sandbox", "orders-dev", "staging-eu", "pr-482"][count % 5]
            )
            m = NAMES[(NAMES.index(n) + 3 + count) % 12]
            if m == n:
                m = NAMES[(NAMES.index(n) + 1) % 12]
            text = shape.format(n=n, m=m, k=GROUPS[(count + i * 2) % 6], s=SCHEDULES[(count + i) % 2])
            if i and count % 3 == 0:  # as it is typed at night
                text = text.lower().rstrip("?!.")
            elif i and count % 3 == 1 and text[0].isalpha() and text.split()[0] not in NAMES:
                text = text[0].upper() + text[1:]
            key = re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()
            if key in seen:
                continue
            seen.add(key)
            out.append({"text": text, "kind": kind})
        count += 1
    return out


if __name__ == "__main__":
    from collections import Counter

    ns = near_misses()
    print(len(ns), "near misses,", len({x["text"] for x in ns}), "distinct,", len(shapes()), "shapes")
    for k, v in Counter(x["kind"] for x in ns).items():
        print(f"  {k:22} {v}  ({sum(s[0] == k for s in shapes())} shapes)")
