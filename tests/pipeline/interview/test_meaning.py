"""What the candidate meant. What no rule matches as a whole is an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.interview.meaning import Meant, asked_in, is_thin, meaning
from pipeline.language.asking import is_yes_or_no
from pipeline.language.known import NAMED, name_of

from ..interviews import LONG

OPEN = "How do you plan your week?"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", Meant.NOTHING),
        ("…", Meant.NOTHING),
        ("[inaudible]", Meant.NOTHING),
        ("I'd like to stop.", Meant.STOP),
        ("Can we stop the interview here, please?", Meant.STOP),
        ("i'm not feeling well i would like to end the interview", Meant.STOP),
        ("I have to leave now.", Meant.STOP),
        ("Goodbye.", Meant.STOP),
        ("I want to leave.", Meant.ANSWER),
        ("I'd like to end early.", Meant.STOP),
        ("Let's end this.", Meant.STOP),
        ("I don't want to do this anymore.", Meant.ANSWER),  # why somebody left, perhaps
        ("I'd like to finish by saying that it was hard.", Meant.ANSWER),
        ("I had to stop the machine.", Meant.ANSWER),
        ("Could you repeat that, please?", Meant.REPEAT),
        ("Sorry? Could you repeat the question?", Meant.REPEAT),
        ("my line is bad could you repeat the question", Meant.REPEAT),
        ("Pardon?", Meant.REPEAT),
        ("Could you repeat that more slowly?", Meant.REPEAT),
        ("Can you say it in other words?", Meant.REPEAT),
        ("Can you repeat the last part?", Meant.REPEAT),
        ("What does that mean?", Meant.REPEAT),
        ("Sorry?", Meant.REPEAT),
        ("What did you say?", Meant.REPEAT),
        ("I repeat the tests every week.", Meant.ANSWER),
        ("What do you mean by that?", Meant.REPEAT),
        ("Sorry, I don't understand the question.", Meant.REPEAT),
        ("Could you please explain that?", Meant.REPEAT),
        ("I can't hear you very well.", Meant.REPEAT),
        ("Can you speak more slowly, please?", Meant.REPEAT),
        ("You're breaking up.", Meant.REPEAT),
        ("I don't understand you very well, you speak too fast.", Meant.REPEAT),
        ("You talk so quietly.", Meant.REPEAT),
        ("What would you like to know exactly?", Meant.REPEAT),
        ("What should I talk about?", Meant.REPEAT),
        ("I don't understand why they did that.", Meant.ANSWER),
        ("I speak more slowly with patients.", Meant.ANSWER),
        ("Hello, can you hear me?", Meant.SOUND_CHECK),
        ("yes i can hear you", Meant.SOUND_CHECK),
        ("Sorry, did you hear me?", Meant.SOUND_CHECK),
        ("Is this still working?", Meant.SOUND_CHECK),
        ("Good morning.", Meant.SOUND_CHECK),
        ("Hi Alex, I'm Maria.", Meant.GREETS),
        ("Nice to meet you. I'm ready.", Meant.GREETS),
        ("Yes, I'm ready.", Meant.GREETS),
        ("I'm ready to travel.", Meant.ANSWER),
        ("I'm Maria and I build shops.", Meant.ANSWER),
        ("Are you a real person?", Meant.WHO_ASKS),
        ("Sorry, am I talking to a robot or a human?", Meant.WHO_ASKS),
        ("is this an ai", Meant.WHO_ASKS),
        ("Are you ChatGPT?", Meant.WHO_ASKS),
        ("Who made you?", Meant.WHO_ASKS),
        ("Who are you?", Meant.WHO_ASKS),
        ("So you're a robot, right?", Meant.WHO_ASKS),
        ("What's your name?", Meant.WHO_ASKS),
        ("Could you introduce yourself first?", Meant.WHO_ASKS),
        ("Is this a recording?", Meant.WHO_ASKS),
        ("Is this being recorded?", Meant.WHETHER_RECORDED),
        ("Um, sorry, is this conversation recorded?", Meant.WHETHER_RECORDED),
        ("are you recording me", Meant.WHETHER_RECORDED),
        ("Are you recording?", Meant.WHETHER_RECORDED),
        ("Am I being recorded right now?", Meant.WHETHER_RECORDED),
        ("Do you keep my voice?", Meant.WHETHER_RECORDED),
        ("Will this interview be recorded?", Meant.WHETHER_RECORDED),
        ("Is the salary recorded anywhere?", Meant.QUESTION),
        ("Do you record your meetings with customers?", Meant.QUESTION),
        ("We were recorded by the police.", Meant.ANSWER),
        ("Is this a real job?", Meant.QUESTION),
        ("Are you a remote company?", Meant.QUESTION),
        ("I asked whether I was talking to a robot.", Meant.ANSWER),
        ("How many questions are there?", Meant.HOW_FAR),
        ("How many questions are left?", Meant.HOW_FAR),
        ("How much time do I have left?", Meant.HOW_FAR),
        ("How long will this take?", Meant.HOW_FAR),
        ("Is this the last question?", Meant.HOW_FAR),
        ("Are there any more questions?", Meant.HOW_FAR),
        ("Are we done yet?", Meant.HOW_FAR),
        ("Is there a question that I should ask?", Meant.QUESTION),
        ("How long is the training?", Meant.QUESTION),
        ("How many people do you have?", Meant.QUESTION),
        ("How many questions do you get from customers in a day?", Meant.QUESTION),
        ("Who decides?", Meant.WHO_DECIDES),
        ("And who makes the decision in the end?", Meant.WHO_DECIDES),
        ("Who reads my answers?", Meant.WHO_DECIDES),
        ("Who will see this?", Meant.WHO_DECIDES),
        ("Do you decide whether I get the job?", Meant.WHO_DECIDES),
        ("Will an AI judge me?", Meant.WHO_DECIDES),
        ("Who will evaluate my interview?", Meant.WHO_DECIDES),
        ("Who decides about the shifts?", Meant.QUESTION),
        ("Who decides that?", Meant.QUESTION),
        ("Do you decide things together?", Meant.QUESTION),
        ("Who will listen to the customers?", Meant.QUESTION),
        ("Can we do this in Spanish?", Meant.OTHER_LANGUAGE),
        ("Sorry, could I answer in German, please?", Meant.OTHER_LANGUAGE),
        ("Do you speak French or Italian?", Meant.OTHER_LANGUAGE),
        ("Is it okay if I speak my own language?", Meant.OTHER_LANGUAGE),
        ("I'd prefer to do the interview in Polish.", Meant.OTHER_LANGUAGE),
        ("Could we switch to Dutch?", Meant.OTHER_LANGUAGE),
        ("Is German okay?", Meant.OTHER_LANGUAGE),
        ("Do you speak French with customers?", Meant.QUESTION),
        ("Can we do this in Berlin?", Meant.QUESTION),
        ("I'd like to speak to a human.", Meant.QUESTION),
        ("I'd like to talk to people more.", Meant.ANSWER),
        ("I have to speak English.", Meant.ANSWER),
        ("I answer calls in German.", Meant.ANSWER),
        ("Can we go back to the previous question?", Meant.GO_BACK),
        ("Sorry, could I go back to the first question, please?", Meant.GO_BACK),
        ("Go back to the previous question.", Meant.GO_BACK),
        ("I'd like to return to the last question.", Meant.GO_BACK),
        ("Can I add something to my last answer?", Meant.GO_BACK),
        ("Could I change my first answer?", Meant.GO_BACK),
        ("Can we go back one question?", Meant.GO_BACK),
        ("Please delete my last answer.", Meant.GO_BACK),
        ("Can we start over?", Meant.GO_BACK),
        ("Can I start the interview again?", Meant.GO_BACK),
        ("I had to restart the interview.", Meant.ANSWER),
        ("We start again every morning.", Meant.ANSWER),
        ("Can you go back to the salary?", Meant.QUESTION),
        ("I had to go back to the previous version.", Meant.ANSWER),
        ("I'd like to return to the team that I led.", Meant.ANSWER),
        ("Do I have to answer?", Meant.MUST_ANSWER),
        ("um do i have to answer this question", Meant.MUST_ANSWER),
        ("Do I need to answer every question?", Meant.MUST_ANSWER),
        ("Am I required to answer that?", Meant.MUST_ANSWER),
        ("Is this question optional?", Meant.MUST_ANSWER),
        ("What happens if I don't want to answer?", Meant.MUST_ANSWER),
        ("Do I have to answer the phone?", Meant.QUESTION),
        ("Is overtime mandatory?", Meant.QUESTION),
        ("I have to answer every call.", Meant.ANSWER),
        ("How do I end the interview?", Meant.HOW_TO_STOP),
        ("Sorry, how can I stop this?", Meant.HOW_TO_STOP),
        ("What happens if I leave?", Meant.HOW_TO_STOP),
        ("How do you end a shift?", Meant.QUESTION),
        ("How can I stop a machine that burns?", Meant.QUESTION),
        ("Can I type instead?", Meant.TYPE_INSTEAD),
        ("Sorry, could I type my answer instead of speaking?", Meant.TYPE_INSTEAD),
        ("Is it okay if I write instead?", Meant.TYPE_INSTEAD),
        ("May I answer in writing?", Meant.TYPE_INSTEAD),
        ("I'd rather type.", Meant.TYPE_INSTEAD),
        ("Do I have to speak?", Meant.TYPE_INSTEAD),
        ("Do I have to speak Spanish with customers?", Meant.QUESTION),
        ("Can I write code in Go?", Meant.QUESTION),
        ("I type instead of writing by hand.", Meant.ANSWER),
        ("Let me think about that for a second.", Meant.WAIT),
        ("That's a good question.", Meant.WAIT),
        ("Hang on, someone is at the door.", Meant.WAIT),
        ("Sorry, my phone is ringing.", Meant.WAIT),
        ("Can we take a short break?", Meant.WAIT),
        ("I need a break.", Meant.WAIT),
        ("Sorry, I need to use the bathroom. I'll be right back.", Meant.WAIT),
        ("Give me two minutes.", Meant.WAIT),
        ("Can I have more time?", Meant.WAIT),
        ("I need a bit more time to think.", Meant.WAIT),
        ("I need more time for the children.", Meant.ANSWER),
        ("Sorry, I lost my train of thought. Let me start again.", Meant.WAIT),
        ("Shall I continue?", Meant.WAIT),
        ("I need a break from offices.", Meant.ANSWER),
        ("Let me start with the kitchen.", Meant.ANSWER),
        ("Can I ask you a question?", Meant.WAIT),
        ("I have a question.", Meant.WAIT),
        ("Could I add something?", Meant.WAIT),
        ("May I change my answer?", Meant.WAIT),
        ("I have a question about the salary. How much is it?", Meant.QUESTION),
        ("I have something like ten years of it.", Meant.ANSWER),
        ("Let me think about the team first, it had five members.", Meant.ANSWER),
        ("Next question, please.", Meant.SKIP),
        ("I would rather not answer that.", Meant.SKIP),
        ("I don't want to answer that question.", Meant.SKIP),
        ("I'm not comfortable answering that.", Meant.SKIP),
        ("I don't feel comfortable talking about this.", Meant.SKIP),
        ("That's private.", Meant.SKIP),
        ("Can I come back to that later?", Meant.SKIP),
        ("I don't answer calls after six.", Meant.ANSWER),
        ("We would move on to the next one when the tests passed.", Meant.ANSWER),
        ("I don't know.", Meant.SETTLED),
        ("um sorry i have no idea", Meant.SETTLED),
        ("That's all from me.", Meant.SETTLED),
        ("No, no more questions from me, thank you.", Meant.SETTLED),
        ("I have no questions.", Meant.SETTLED),
        ("I have no questions that they did not answer.", Meant.ANSWER),
        ("Nothing else to add.", Meant.SETTLED),
        ("Um, that's it, I'm done.", Meant.SETTLED),
        ("No, not really.", Meant.SETTLED),
        ("Never.", Meant.SETTLED),
        ("Oh shit, I don't remember the details any more.", Meant.SETTLED),
        ("I don't remember the details of the first version.", Meant.ANSWER),
        ("That's all I did for six years.", Meant.ANSWER),
        ("I don't know SQL but I know Python.", Meant.ANSWER),
        ("Do you provide lunch?", Meant.QUESTION),
        ("How did I do?", Meant.QUESTION),
        ("how big is the team", Meant.QUESTION),
        ("Before we start, how will my answers be used?", Meant.QUESTION),
        ("Before I answer, is the team in Berlin?", Meant.QUESTION),
        ("Before we start the engine, we check the oil.", Meant.ANSWER),
        ("Sorry, may I ask where I would be working?", Meant.QUESTION),
        (f"{LONG} Is remote work possible?", Meant.ANSWER_AND_QUESTION),
        ("It was a team of five?", Meant.ANSWER),
        ("We did it all, you know?", Meant.ANSWER),
        ("It was late. And what did I do then?", Meant.ANSWER),
        ("What I did was to call the customer", Meant.ANSWER),
        ("Yes.", Meant.FILLER),
        ("Um, okay.", Meant.FILLER),
        ("Thank you.", Meant.FILLER),
        (LONG, Meant.ANSWER),
    ],
)
def test_what_was_meant(text, meant):
    assert meaning(text, OPEN) == meant


@pytest.mark.parametrize(
    ("question", "closed"),
    [
        ("Do you have a car?", True),
        ("Thank you. Are you free on Monday?", True),
        ("Can you tell me about your car?", False),
        ("Could you describe it?", False),
        ("What is it?", False),
        ("Are you free? Tell me more.", False),
        ("", False),
    ],
)
def test_which_questions_yes_or_no_answers(question, closed):
    assert is_yes_or_no(question) == closed
    assert meaning("Yes, sure.", question) == (Meant.SETTLED if closed else Meant.FILLER)


@pytest.mark.parametrize(
    ("answer", "thin"),
    [
        ("I was a cook.", True),
        (" ".join(["work"] * 30), True),
        (" ".join(["work"] * 30 + ["because"]), False),
        (" ".join(["work"] * 30 + ["at", "Siemens"]), False),
        (" ".join(["work"] * 30 + ["in", "2019"]), False),
        (" ".join(["work"] * 45), False),
        (" ".join(["um"] * 30 + ["2019"]), True),
        (LONG, False),
    ],
)
def test_which_answers_leave_room_for_a_follow_up(answer, thin):
    assert is_thin(answer) == thin


@pytest.mark.parametrize(
    ("answer", "thin"),
    [
        ("我在医院工作。", True),
        ("去年我为自行车店做了一个网站，因为旧的系统太慢，上线以后订单增加了很多，"
         "医院也开始订购，我负责数据库和测试。", False),
        ("ปีที่แล้วผมทำเว็บไซต์ให้ร้านจักรยานในเบอร์ลินเพราะระบบเก่าช้ามากและยอดขายเพิ่มขึ้น", False),
        ("ผมเป็นพยาบาล", True),
        ("東京の病院で三年間看護師として働き、新しい記録システムの導入を担当して、"
         "残業時間を半分に減らしました。", False),
    ],
)  # fmt: skip
def test_an_answer_without_spaces_is_counted_by_its_characters(answer, thin):
    assert is_thin(answer) == thin


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("谢谢。您能多说一点吗？", "您能多说一点吗？"),
        ("ありがとうございます。それはいつですか？", "それはいつですか？"),
        ("شكرا. لماذا؟", "لماذا؟"),
        ("谢谢。", ""),
    ],
)
def test_a_question_is_known_by_the_mark_of_its_script(said, asked):
    assert asked_in(said) == asked


def test_many_words_are_an_answer_whatever_they_end_with():
    assert meaning("so " * 20 + "goodbye", OPEN) is Meant.STOP
    assert meaning("so " * 30 + "goodbye", OPEN) is Meant.ANSWER


def test_the_question_in_a_reply_is_its_last():
    assert asked_in("Thanks. Who? What was the hardest part?") == "What was the hardest part?"
    assert asked_in("I see. Tell me about the cook.") == "Tell me about the cook."
    assert asked_in("Thanks.") == ""


@pytest.mark.parametrize("name", [name_of(code) for code in sorted(NAMED)])
def test_every_language_with_a_name_may_be_asked_for(name):
    assert meaning(f"Can we do this in {name}?", OPEN) is Meant.OTHER_LANGUAGE


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_text_means_something(text, question):
    assert meaning(text, question) in Meant
