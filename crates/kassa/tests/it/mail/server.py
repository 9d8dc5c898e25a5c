"""A mail server for tests (aiosmtpd). Prints one line of JSON for each event: its port, a refusal, an accepted mail.

Usage: server.py PORT [--tls starttls|tls --certificate FILE --key FILE] [--user USER --password PASSWORD]
                 [--behaviour accept|greylist|unknown|lose-answer]

PORT 0 chooses a free one. The behaviours:
  greylist     the first attempt of each mail is postponed (451 4.7.1)
  unknown      every recipient is refused (550 5.1.1); the answer repeats the address
  lose-answer  the first mail is accepted, and the connection ends before the answer
"""

import argparse
import asyncio
import email
import email.header
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult

options = argparse.ArgumentParser()
options.add_argument("port", type=int)
options.add_argument("--tls", choices=["starttls", "tls"])
options.add_argument("--certificate")
options.add_argument("--key")
options.add_argument("--user")
options.add_argument("--password")
options.add_argument("--behaviour", default="accept")
options = options.parse_args()


def say(event):
    print(json.dumps(event), flush=True)


class Mailbox:
    """Keeps nothing: each mail is a line of the output."""

    def __init__(self):
        self.seen = set()
        self.has_lost_an_answer = False

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if options.behaviour == "unknown":
            say({"refused": 550})
            return f"550 5.1.1 <{address}>: nobody has this address"
        if options.behaviour == "greylist" and address not in self.seen:
            self.seen.add(address)
            say({"refused": 451})
            return f"451 4.7.1 <{address}>: please come back later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content)
        kinds = [part.get_content_type() for part in mail.walk()]
        readable = [part for part in mail.walk() if part.get_content_maintype() == "text"]
        texts = [part.get_payload(decode=True).decode() for part in readable]
        say({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "is_encrypted": session.ssl is not None or options.tls == "tls",
            "login": (session.auth_data or b"").decode() or None,
            "message_id": mail["Message-ID"],
            "subject": str(email.header.make_header(email.header.decode_header(mail["Subject"]))),
            "sender": str(email.header.make_header(email.header.decode_header(mail["From"]))),
            "kinds": kinds,
            "texts": texts,
        })
        if options.behaviour == "lose-answer" and not self.has_lost_an_answer:
            self.has_lost_an_answer = True
            server.transport.abort()
        return "250 2.0.0 OK"


def authenticate(server, session, envelope, mechanism, login):
    is_good = (login.login.decode(), login.password.decode()) == (options.user, options.password)
    return AuthResult(success=is_good, handled=False, auth_data=login.login if is_good else None)


context = None
if options.tls:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.certificate, options.key)
settings = {"hostname": "mail.test", "enable_SMTPUTF8": True}
if options.tls == "starttls":
    settings.update(tls_context=context, require_starttls=True)
if options.user:
    settings.update(authenticator=authenticate, auth_required=True, auth_require_tls=options.tls == "starttls")


async def serve():
    loop = asyncio.get_running_loop()
    connection = lambda: SMTP(Mailbox.of_all, loop=loop, **settings)
    secured = context if options.tls == "tls" else None
    server = await loop.create_server(connection, "127.0.0.1", options.port, ssl=secured)
    say({"port": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


Mailbox.of_all = Mailbox()
asyncio.run(serve())
