"""SQLAlchemy's automap sees default intersect tables as many-to-many, without being told anything."""
import sys

import sqlalchemy
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session

engine = sqlalchemy.create_engine("postgresql+psycopg2:///" + sys.argv[1])
Base = automap_base()
Base.prepare(autoload_with=engine)

failed = 0


def check(name, condition):
    global failed
    print(("ok: " if condition else "not ok: ") + name)
    failed += not condition


def many_to_many(left, right, secondary):
    """whether left has a relationship to right through the table named secondary"""
    for relationship in sqlalchemy.inspect(Base.classes[left]).relationships:
        if (relationship.secondary is not None and relationship.secondary.name == secondary
                and relationship.mapper.class_ is Base.classes[right]):
            return True
    return False


check("the intersect table is no class", "student_course" not in Base.classes.keys())
check("student has courses", many_to_many("student", "course", "student_course"))
check("course has students", many_to_many("course", "student", "student_course"))
check("odd names", many_to_many("course", "Odd tag", "tagged"))
check("one that was pending", many_to_many("later", "student", "student_later"))

with Session(engine) as session:
    Student = Base.classes.student
    Course = Base.classes.course
    ann = session.get(Student, 1)
    bob = session.get(Student, 2)
    check("a link is read", [c.title for c in ann.course_collection] == ["Logic"])
    bob.course_collection.append(ann.course_collection[0])
    session.commit()
    check("a link is written",
          session.execute(sqlalchemy.text("SELECT count(*) FROM student_course WHERE student_id = 2")).scalar() == 1)
    ann.course_collection.clear()
    session.commit()
    check("a link is removed",
          session.execute(sqlalchemy.text("SELECT count(*) FROM student_course WHERE student_id = 1")).scalar() == 0)

sys.exit(1 if failed else 0)
